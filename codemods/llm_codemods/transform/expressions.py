"""One operation on one expression: which function of this package carries it out."""

from __future__ import annotations

import libcst as cst

from llm_codemods.operations import (
    AskTruth,
    CallMethod,
    CallThrough,
    DefaultArgument,
    DefaultBody,
    DeriveClient,
    ExtendBody,
    FallBack,
    Filter,
    GuardAttribute,
    JoinArguments,
    JoinEntries,
    KeepBehind,
    MoveToBody,
    NamePositional,
    Operation,
    PassThrough,
    ReadAttribute,
    RemoveArgument,
    RemoveEntry,
    RenameArgument,
    RenameClient,
    RenameEntry,
    RenameFunction,
    ReplaceCallee,
    ReplaceFunction,
    ReplaceString,
    ReplaceTail,
    ReplaceText,
    SetArgument,
    SetEntry,
    ShrinkBody,
    TakeEntry,
    ToMessages,
    WholeObject,
    Wrap,
    WrapEntry,
)
from llm_codemods.text import text
from llm_codemods.transform.bodies import extend_body, move_to_body, shrink_body
from llm_codemods.transform.calls import (
    arguments,
    fall_back,
    join_arguments,
    name_positional,
    remove_argument,
    rename_argument,
    set_argument,
    with_arguments,
)
from llm_codemods.transform.chains import rename_function, renamed, replace_tail, with_client
from llm_codemods.transform.dictionaries import change_entry, change_keyword, value_under
from llm_codemods.transform.listing import Listing, with_item
from llm_codemods.transform.lists import filtered, join_entries
from llm_codemods.transform.lookups import holder_of, read_attribute
from llm_codemods.transform.mappings import default_argument, default_body, pass_through
from llm_codemods.transform.messages import take_entry, to_messages
from llm_codemods.transform.nodes import RefusedError, bound, code_of, parsed, parsed_value, wrapped
from llm_codemods.transform.strings import escaped, replace_string, replace_text


def operated(node: cst.BaseExpression, operation: Operation) -> cst.BaseExpression:
    """Return ``node`` after ``operation``.

    Raises:
        RefusedError: the operation does not fit the node.
    """
    match operation:
        case ReplaceString(value=value):
            return replace_string(node, value)
        case ReplaceText(old=old, new=new):
            return replace_text(node, old, new)
        case Wrap(before=before, after=after):
            return wrapped(node, before, after)
        case RemoveEntry() | RenameEntry() | SetEntry() | WrapEntry():
            return change_entry(node, operation)
        case RenameFunction() | RenameClient() | DeriveClient() | CallMethod() | ReplaceTail():
            return _chained(node, operation)
        case ReplaceFunction() | ReplaceCallee():
            return _called(node, operation)
        case ReadAttribute():
            read = read_attribute(node)
            return read if type(read) is type(node) else bound(read)
        case AskTruth() | Filter() | GuardAttribute() | JoinEntries() | KeepBehind() | WholeObject():
            return _remade(node, operation)
    if isinstance(node, cst.Dict):
        return change_keyword(node, operation)
    call, listing = arguments(node)
    if isinstance(operation, CallThrough):
        if isinstance(call.func, cst.Name) and call.func.value == operation.function:
            return node
        first = cst.Arg(call.func.with_changes(lpar=[], rpar=[]))
        call = call.with_changes(func=cst.Name(operation.function), lpar=call.lpar, rpar=call.rpar)
        return with_arguments(call, with_item(listing, 0, first))
    changed = _rearranged(listing, operation)
    return node if changed is listing else with_arguments(call, changed)


def _chained(
    node: cst.BaseExpression, operation: RenameFunction | RenameClient | DeriveClient | CallMethod | ReplaceTail
) -> cst.BaseExpression:
    """Return a chain of names and attributes, perhaps called, after an operation on it."""
    match operation:
        case RenameFunction(to=to):
            return rename_function(node, to)
        case RenameClient(path=path, to=to):
            return with_client(node, path, lambda client: renamed(client, to))
        case DeriveClient(path=path, options=options):
            given = ", ".join(f"{name}={code}" for name, code in options)
            return with_client(node, path, lambda client: parsed(f"{code_of(bound(client))}.with_options({given})"))
        case CallMethod(name=name, argument=argument):
            called = cst.ensure_type(cst.parse_expression(f"_.{name}({argument})"), cst.Call)
            return called.with_changes(func=cst.Attribute(bound(node), cst.Name(name)))
        case ReplaceTail(old=old, new=new):
            return replace_tail(node, old, new)


def _called(node: cst.BaseExpression, operation: ReplaceFunction | ReplaceCallee) -> cst.BaseExpression:
    """Return a call of something else with the same arguments."""
    if not isinstance(node, cst.Call):
        raise RefusedError(text("it is not a call"))
    match operation:
        case ReplaceFunction(code=code):
            return node.with_changes(func=parsed_value(code))
        case ReplaceCallee(old=old, new=new):
            return node.with_changes(func=replace_tail(node.func, f".{old}", f".{new}"))


def _remade(
    node: cst.BaseExpression, operation: AskTruth | Filter | GuardAttribute | JoinEntries | KeepBehind | WholeObject
) -> cst.BaseExpression:
    """Return ``node`` after an operation on something else than a call or its dictionary.

    Raises:
        RefusedError: the operation does not fit the node.
    """
    match operation, node:
        case GuardAttribute(), cst.BooleanOperation(operator=cst.Or()):
            return node.with_changes(left=_remade(node.left, operation))
        case AskTruth(), cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.IsNot())]):
            return left
        case AskTruth(), cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(operator=cst.Is())]):
            return cst.UnaryOperation(cst.Not(), left, lpar=node.lpar, rpar=node.rpar)
        case GuardAttribute(default=default), cst.Attribute(value=value, attr=attr):
            arguments = (value, cst.SimpleString(f'"{attr.value}"'), parsed_value(default))
            return cst.Call(cst.Name("getattr"), [cst.Arg(argument) for argument in arguments])
        case KeepBehind(mark=mark), _:
            return parsed(f'{code_of(bound(node))}.rpartition("{escaped(mark, chr(34))}")[2]')
        case WholeObject(key=key), cst.Dict():
            return holder_of(value_under(node, key), key)
        case Filter(name=name, condition=condition), cst.BaseComp():
            return node.with_changes(for_in=filtered(node.for_in, name, condition))
        case JoinEntries(), cst.List():
            return join_entries(node, operation)
    raise RefusedError(text("the code has another form than expected here"))


def _rearranged(listing: Listing[cst.Arg], operation: Operation) -> Listing[cst.Arg]:
    """Return the arguments of a call after an operation on them."""
    match operation:
        case SetArgument(name=name, code=code):
            return set_argument(listing, name, parsed_value(code))
        case FallBack(name=name, code=code):
            return fall_back(listing, name, parsed_value(code))
        case JoinArguments(name=name, to=to):
            return join_arguments(listing, name, to)
        case RemoveArgument(name=name):
            return remove_argument(listing, name)
        case RenameArgument(name=name, to=to):
            return rename_argument(listing, name, to)
        case NamePositional(names=names):
            return name_positional(listing, names)
        case MoveToBody(name=name, to=to):
            return move_to_body(listing, name, to)
        case ExtendBody(entries=entries):
            return extend_body(listing, entries)
        case ShrinkBody(names=names):
            return shrink_body(listing, names)
        case DefaultArgument(name=name, code=code):
            return default_argument(listing, name, parsed_value(code))
        case DefaultBody(entries=entries):
            return default_body(listing, entries)
        case PassThrough(function=function, argument=argument):
            return pass_through(listing, function, argument)
        case TakeEntry():
            return take_entry(listing, operation)
        case ToMessages():
            return to_messages(listing, operation)
    raise TypeError(f"no operation on arguments: {operation}")
