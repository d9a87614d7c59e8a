"""The forms of the commands' arguments, with places (`{}`) for values of every kind: each pair is a search."""

from __future__ import annotations

from typing import Dict, Iterator, Tuple

ODD_VALUES = (
    '""', '"*"', "*", "0", "-1", "1e999", '"a b"', "a", '"["', "999999999999999999999", "1.5", "nan", '"\\\\"', '"("',
    "é",
)  # fmt: skip
# By command, or `eval`: a function's arguments.
FORMS: Dict[str, Tuple[str, ...]] = {
    "accum": ("{} AS x",),
    "bin": ("span={} a", "_time span={}", "bins={} _time", "minspan={} _time", "span=1h aligntime={} _time",
        "{} span=1"),
    "makemv": ("delim={} m", "tokenizer={} m", "{}"),
    "mvcombine": ("delim={} m", "{}"),
    "mvexpand": ("{}", "m limit={}"),
    "nomv": ("{}",),
    "rex": ("{}", 'field={} "(?<q>.)"', 'max_match={} "(?<q>.)"', "mode=sed {}", 'field=a mode=sed "s/{}/x/"'),
    "regex": ("a={}", "{}"),
    "replace": ("{} WITH x", "a WITH {}", "{} WITH {} IN a", "{} WITH * IN a"),
    "rename": ("{} AS x", "a AS {}", "{} AS {}"),
    "fields": ("{}", "- {}"),
    "table": ("{}",),
    "dedup": ("{}", "{} a", "a sortby {}"),
    "sort": ("{}", "{} a", "num({})", "ip({})", "str({})", "limit={} a"),
    "head": ("{}", "limit={}", "(a={})"),
    "tail": ("{}",),
    "top": ("{}", "limit={} a", "a by {}", "countfield={} a", "useother=t limit=1 otherstr={} a"),
    "rare": ("{}",),
    "stats": ("count BY {}", "sum({})", "values({}) AS {}", "count AS {}", "list({})", "perc{}(a)",
        "dc(eval({})) AS x", "earliest({})"),
    "eventstats": ("max({})", "count BY {}"),
    "streamstats": ("window={} count", "time_window={} count", "sum({}) BY {}", "count reset_after={}"),
    "chart": ("count BY {}", "count OVER a BY {}", "limit={} count BY a b", "span={} count BY a", "sum({}) BY a"),
    "timechart": ("span={} count", "count BY {}", "limit={} count BY a", "bins={} count", "avg({})"),
    "fillnull": ("value={}", "{}"),
    "filldown": ("{}",),
    "transaction": ("{}", "a maxspan={}", "a maxpause={}", "a startswith={}", "a maxevents={}"),
    "spath": ("{}", "input={}", "input=j path={}", "input=j output={} path=a"),
    "foreach": ("{} [eval x=1]", "mode=multivalue {} [eval x=<<ITEM>>]", "mode=json_array {} [eval x=<<ITEM>>]"),
    "join": ("{} [|makeresults|eval a=1]", "max={} a [|makeresults|eval a=1]"),
    "append": ("maxout={} [|makeresults]",),
    "format": ("maxresults={}", "mvsep={}", "{} {} {} {} {} {}"),
    "return": ("{}", "{} a", "x={}"),
    "lookup": ("t {}", "t a AS {}", "t a OUTPUT v AS {}"),
    "delta": ("{}", "a p={}"),
    "autoregress": ("a p={}", "{}"),
    "convert": ("ctime({})", "timeformat={} ctime(_time)", "timeformat={} mktime(a)", "num({})", "memk({})"),
    "strcat": ("a {} c", "a b {}"),
    "addtotals": ("{}", "fieldname={}"),
    "transpose": ("{}", "header_field={}", "column_name={}"),
    "xyseries": ("{} a b", "a {} b"),
    "untable": ("{} a b",),
    "eval": ("x={}", "{}=1", "x='{}'", "x=substr(a,{})", "x=substr(a,{},{})", "x=round(a,{})", "x=mvindex(m,{})",
        "x=mvindex(m,0,{})", "x=split(a,{})", "x=tonumber(a,{})", "x=replace(a,{},b)", "x=replace(a,b,{})",
        "x=match(a,{})", "x=like(a,{})", "x=strftime(_time,{})", "x=strptime(a,{})", "x=relative_time(1,{})",
        "x=printf({},a)", "x=tostring(a,{})", "x=json_extract(j,{})", "x=json_set(j,{},1)", "x=json_delete(j,{})",
        "x=json_append(j,{},1)", "x=mvrange(1,{})", "x=mvrange(1,5,{})", "x=cidrmatch({},a)", "x=pow({},{})",
        "x=log({},{})", "x=bit_shift_left({},{})", "x=spath(j,{})", "x=mvjoin(m,{})", "x=mvzip(m,m,{})",
        "x=ltrim(a,{})", "x={}+{}", "x={}/{}", "x={}%{}", "x={}.{}", "x=json_object({},1)", "x=json({})",
        "x=lookup({},j,j)", "x=searchmatch({})", "x=commands({})", "x=mvfilter(m={})", "x=exp({})", "x=sqrt({})",
        "x=ln({})", "x=toint({})", "x=ceiling({})", "x=tobool({})", "x=sigfig({})", "x=exact({})", "x=acos({})",
        "x=json_array_to_mv({})"),
    "where": ("a={}", "a IN ({})", "{} LIKE {}", "in(a,{})"),
    "search": ("a={}", "{}", "a IN ({})", "{}=1", "a>{}", "NOT {}", "TERM({})", "a=CASE({})", "earliest={}",
        "_index_latest={}"),
    "inputlookup": ("append=t t where a={}", "append=t {}", "append=t start={} t"),
    "outputlookup": ("{}",),
    "collect": ("index={}",),
    "addcoltotals": ("labelfield={}",),
    "appendcols": ("maxout={} [|makeresults]",),
    "union": ("maxout={} [|makeresults]",),
    "appendpipe": ("[{}]",),
}  # fmt: skip


def odd_searches() -> Iterator[str]:
    """Every form with every odd value in its places."""
    for command, forms in FORMS.items():
        for form in forms:
            for value in ODD_VALUES:
                yield f"| {command} {form.replace('{}', value)}"
