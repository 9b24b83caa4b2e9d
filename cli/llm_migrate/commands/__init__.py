"""The commands, a module each: parse arguments, call, exit."""
