"""Files that are no Python: ``prefilter`` says which matter by their bytes, ``forms`` what they are written in,
``files`` what stands in them, with a module for each form."""
