"""The grammar: every rule, its neighbours, and where faults are said to be."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cavewall.errors import ExpressionError
from cavewall.query import (
    Expression,
    Sum,
    analogy,
    has,
    image,
    keyword,
    like,
    mean,
    parse,
    parse_list,
    saved,
    slerp,
    text,
    without,
)
from cavewall.query.parser import parse_term
from cavewall.query.values import weighted_sum
from tests.profile import scaled

DOG, CAT, A, B, C = text("dog"), text("cat"), text("a"), text("b"), text("c")


def fault(source: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert caught.value.source == source
    assert str(caught.value) == f"column {caught.value.column}: {caught.value.message}"
    return caught.value


# Rule 1: signs between white space, or right after a bracket or quote.


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("dog - cat", DOG - CAT),
        ("dog + cat", DOG + CAT),
        ("dog − cat", DOG - CAT),
        ("- dog", -DOG),
        ("+ dog", DOG),
        ("− dog", -DOG),
        (" \t- dog", -DOG),
        ("dog - - cat", DOG + CAT),
        ("dog + - cat", DOG - CAT),
        ("dog - + cat", DOG - CAT),
        ("dog − − cat", DOG + CAT),
        ("dog\u00a0-\u00a0cat", DOG - CAT),
        ("dog\u3000+\u2003cat", DOG + CAT),
        ("dog\n-\r\ncat", DOG - CAT),
        ("dog\u2028-\u0085cat", DOG - CAT),
        ("dog on sand - dog + human", text("dog on sand") - DOG + text("human")),
        ("(a)-(b)", A - B),
        ("(a)-b", A - B),
        ("(a)- b", A - B),
        ("(a)−b", A - B),
        ("(a)+(b)-(c)", A + B - C),
        ('"dog"-cat', DOG - CAT),
        ('"dog"+"cat"', DOG + CAT),
        ('"dog"−cat', DOG - CAT),
        ("dog -(cat)", DOG - CAT),
        ("(- dog)", -DOG),
        ("a - (- dog)", A + DOG),
        ("( a - b ) + c", weighted_sum([(1, A - B), (1, C)])),
        ("mean(a)-b", mean(A) - B),
        ("mean(- a,- b)", mean(-A, -B)),
        ('like("x")-a', like("x") - A),
        ("2 * (a)-b", 2 * A - B),
    ],
)
def test_signs_between_white_space_are_operators(source: str, expected: Expression) -> None:
    assert parse(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "t-shirt",
        "pre- and post-war",
        "C++",
        "man's",
        "10:30",
        "dog- cat",
        "dog+ cat",
        "dog− cat",
        "dog – cat",
        "dog — cat",
        "dog ‐ cat",
        "a+b",
        "a-b-c",
        "5−3",
        "dog\u200b-\u200bcat",
        "C++ and C--",
        "man-made",
        "½ dog",
        "1920x1080",
        "#1 dad",
        "who? me!",
        "naïve 東京 🐕",
        "e\u0301te",
    ],
)
def test_other_signs_are_text(source: str) -> None:
    assert parse(source) == text(source)


# Rule 2: white space before and none after.


@pytest.mark.parametrize(
    ("source", "column", "shown"),
    [
        ("dog -cat", 5, "`dog - cat`"),
        ("dog +cat", 5, "`dog + cat`"),
        ("dog −cat", 5, "`dog − cat`"),
        ("dog\u00a0-cat", 5, "`dog - cat`"),
        ("-dog", 1, "`- dog`"),
        ("−dog", 1, "`− dog`"),
        ("  -dog", 3, "`- dog`"),
        ("a - b -c", 7, "`b - c`"),
        ("C ++ D", 3, "`C + D`"),
        ("dog --cat", 5, "`dog - cat`"),
        ("(-dog)", 2, "`- dog`"),
        ("(dog -cat)", 6, "`dog - cat`"),
        ("mean(a,-b)", 8, "`- b`"),
        ("mean(a -b, c)", 8, "`a - b`"),
        ('"dog" -cat', 7, '`"dog" - cat`'),
        ("(a) -b", 5, "`(a) - b`"),
        ('"a"--b', 5, "`- b`"),
        ("2 * -dog", 5, "`- dog`"),
        ("-3 * dog", 1, "`- 3 * dog`"),
        ("dog -0.5*cat", 5, "`dog - 0.5*cat`"),
        ('dog -"a \\" cat"', 5, '`dog - "a \\" cat"`'),
        ("dog -mean(a, b)", 5, "`dog - mean(…)`"),
        ("big  brown\tdog -cat", 16, "`big brown dog - cat`"),
    ],
)
def test_a_sign_without_space_after_is_an_error(source: str, column: int, shown: str) -> None:
    error = fault(source)
    assert error.column == column
    assert "white space before" in error.message
    assert f"write {shown} or quote it" in error.message


# Rule 3: weights.


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("3 * dog", 3 * DOG),
        ("3*dog", 3 * DOG),
        ("3 *dog", 3 * DOG),
        ("0.5 * dog", 0.5 * DOG),
        (".5 * dog", 0.5 * DOG),
        ("5. * dog", 5 * DOG),
        ("1e3 * x", 1000 * text("x")),
        ("1E-3*x", 0.001 * text("x")),
        ("1e+6 * x", 1e6 * text("x")),
        ("0 * dog", 0 * DOG),
        ("- 2 * dog", -2 * DOG),
        ("dog - 2 * cat", DOG - 2 * CAT),
        ("2\u00a0*\u00a0dog", 2 * DOG),
        ('2 * "dog"', 2 * DOG),
        ("2 * (a - b)", 2 * (A - B)),
        ("2 * (3 * dog)", 6 * DOG),
        ("2 * mean(a, b)", 2 * mean(A, B)),
        ("1 * dog", DOG),
        ("3 * 3", 3 * text("3")),
        ("2 * *x", 2 * text("*x")),
    ],
)
def test_a_number_and_a_star_weigh_a_term(source: str, expected: Expression) -> None:
    assert parse(source) == expected


def test_a_weight_of_zero_stays() -> None:
    assert parse("0 * dog + cat") == Sum(((0.0, DOG), (1.0, CAT)))


@pytest.mark.parametrize(
    "source",
    [
        "2 dogs",
        "3",
        "1e3",
        "2 x 4",
        "5 star hotel",
        "dog*cat",
        "dog* cat",
        "dog *cat",
        "**",
        "M*A*S*H",
        "auto",
        "automobile",
        "autos*x",
    ],
)
def test_numbers_and_stars_elsewhere_are_text(source: str) -> None:
    assert parse(source) == text(source)


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ("dog * 2", 5),
        ("dog * cat", 5),
        ("nan * dog", 5),
        ("inf * dog", 5),
        ("½ * dog", 3),
        ("٣ * dog", 3),
        ("1,000 * dog", 7),
        ("1_000 * dog", 7),
        ("0x10 * dog", 6),
        ("* dog", 1),
        ("*", 1),
        ("dog *", 5),
        ("2 * * dog", 5),
        ("2 * 3 * dog", 7),
        ("a - x * b", 7),
        ("2 dogs * 3", 8),
        ("(dog * 2)", 6),
    ],
)
def test_any_other_free_star_is_an_error(source: str, column: int) -> None:
    error = fault(source)
    assert error.column == column
    assert error.message.startswith("a weight is a number at the start of a term: write `2 * dog`")


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("1e999 * x", 1, "a weight of 1e999 is larger than the 1,000,000 allowed"),
        ("1000001 * x", 1, "a weight of 1000001 is larger than the 1,000,000 allowed"),
        ("dog - 1e7*x", 7, "a weight of 1e7 is larger than the 1,000,000 allowed"),
        ("1e3 * (1001 * a)", 1, "a weight must be a number between -1,000,000 and 1,000,000"),
        ("c + 1e6 * (2 * a - b)", 5, "a weight must be a number between"),
        ("c - 1000 * (a - 1001 * (a + b))", 5, "a weight must be a number between"),
    ],
)
def test_weights_are_limited(source: str, column: int, message: str) -> None:
    error = fault(source)
    assert (error.column, error.message[: len(message)]) == (column, message)


def test_the_largest_weight_is_allowed() -> None:
    assert parse("1000000 * x") == 1e6 * text("x")
    assert parse("1e3 * (1e3 * a + b)") == 1e3 * (1e3 * A + B)


@pytest.mark.parametrize("source", ["auto * dog", "auto*dog", "auto *dog", "a + auto * b"])
def test_auto_is_reserved(source: str) -> None:
    error = fault(source)
    assert error.column == source.index("auto") + 1
    assert "auto is reserved" in error.message
    assert "quote" in error.message


# Rule 4: functions.


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("mean(a)", mean(A)),
        ("mean(a, b, c)", mean(A, B, C)),
        ("mean( a ,b )", mean(A, B)),
        ("slerp(a, b, 0.5)", slerp(A, B, 0.5)),
        ("slerp(a, b, 0)", slerp(A, B, 0)),
        ("slerp(a, b, 1)", slerp(A, B, 1)),
        ("slerp(a,b,+.25)", slerp(A, B, 0.25)),
        ("slerp(1, 0.5, 1e-3)", slerp(text("1"), text("0.5"), 0.001)),
        ("analogy(a, b, c)", analogy(A, B, C)),
        ("without(a - b, 2 * c)", without(A - B, 2 * C)),
        ("mean(a, mean(b, c))", mean(A, mean(B, C))),
        ('mean("a, b", c)', mean(text("a, b"), C)),
        ("mean((a), (b - c))", mean(A, B - C)),
        ('image("a (1).jpg")', image("a (1).jpg")),
        ('image( "p.jpg" )', image("p.jpg")),
        ('like("a/b, c.jpg")', like("a/b, c.jpg")),
        ('like("  x  y ")', like("  x  y ")),
        ("dog, cat", text("dog, cat")),
        ("(dog, cat) - a", text("dog, cat") - A),
        ("mean(a) - dog, cat", mean(A) - text("dog, cat")),
        ('like("x") - dog, cat', like("x") - text("dog, cat")),
    ],
)
def test_functions_take_expressions(source: str, expected: Expression) -> None:
    assert parse(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("@a", saved("a")),
        (" @a ", saved("a")),
        ("(@a)", saved("a")),
        ("- 2 * @a + b", -2 * saved("a") + B),
        ("@a - @b", saved("a") - saved("b")),
        ("(@a)-b", saved("a") - B),
        ("mean(@a,@b , c)", mean(saved("a"), saved("b"), C)),
        ("slerp(@a, b, 0.5)", slerp(saved("a"), B, 0.5)),
        ("2 * (@a - b)", 2 * (saved("a") - B)),
        ("@a-b_2", saved("a-b_2")),
        ("@2nd- - a", saved("2nd-") - A),
        ("@Ünï", saved("Ünï")),
        ("@cafe\u0301", saved("caf\u00e9")),
        ("@समुद्र", saved("समुद्र")),
        ("@海辺", saved("海辺")),
        (f"@{'x' * 64}", saved("x" * 64)),
        ("me@home", text("me@home")),
        ("dog @home", text("dog @home")),
        ('"@a"', text("@a")),
        ('@a + has("b")', saved("a") + has("b")),
    ],
)
def test_a_name_is_a_term(source: str, expected: Expression) -> None:
    assert parse(source) == expected
    assert parse(str(expected)) == expected


def test_names_keep_their_case() -> None:
    assert parse("@A") != parse("@a")


@pytest.mark.parametrize(
    ("source", "column", "quoted"),
    [
        ("@", 1, '"@"'),
        ("@ a", 1, '"@ a"'),
        ("dog - @home alone", 7, '"@home alone"'),
        ("@a @b - c", 1, '"@a @b"'),
        ("@a+b", 1, '"@a+b"'),
        ("@a.b", 1, '"@a.b"'),
        ("@a/../b", 1, '"@a/../b"'),
        ("@a, b", 1, '"@a, b"'),
        ("@-a", 1, '"@-a"'),
        ("@_a", 1, '"@_a"'),
        ("@@a", 1, '"@@a"'),
        ("@a\u200b", 1, '"@a\u200b"'),
        ("@\u0301a", 1, '"@\u0301a"'),
        ("@a\x00", 1, '"@a\x00"'),
        ('@a"b', 1, r'"@a\"b"'),
        (f"@{'x' * 65}", 1, f'"@{"x" * 65}"'),
        ("@a(b)", 1, '"@…"'),
        ("mean(a, @b c)", 9, '"@b c"'),
    ],
)
def test_a_text_that_begins_with_an_at_is_quoted(source: str, column: int, quoted: str) -> None:
    error = fault(source)
    assert error.column == column
    assert error.message.endswith(f". A text that begins with @ is quoted: {quoted}")


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("@a -b", 4, "write `@a - b`"),
        ("@a * 2", 4, "a weight is a number at the start of a term"),
        ("@a)", 3, "this bracket closes nothing"),
        ("(@a", 1, "this bracket is never closed"),
        ("-@a", 1, "write `- @a`"),
    ],
)
def test_what_stands_beside_a_name_is_told(source: str, column: int, message: str) -> None:
    error = fault(source)
    assert error.column == column
    assert message in error.message


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('keyword("Brighton")', keyword("Brighton")),
        ('a - 0.5 * keyword("b c")', A - 0.5 * keyword("b c")),
        ('mean(a, keyword("b, c"))', mean(A, keyword("b, c"))),
        ('a + has("b")', A + has("b")),
        ('a - has("b c*")', A - has("b c*")),
        ('a - - has("b")', A + has("b")),
        ('has("b") + a', has("b") + A),
        ('- has("b") + a - has("c")', -has("b") + A - has("c")),
        ('2 * (a + b) + has("c")', 2 * (A + B) + has("c")),
    ],
)
def test_keywords_are_terms_and_has_a_condition(source: str, expected: Expression) -> None:
    assert parse(source) == expected
    assert str(expected) == str(parse(source))


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ('a + 2 * has("b")', 5, 'has("b") is a condition and takes no weight: write + or - before'),
        ('1 * has("b") + a', 1, "takes no weight"),
        ('a + (has("b"))', 6, "not in brackets: write `… + has"),
        ('2 * (a - has("b"))', 10, "not in brackets"),
        ('mean(a, has("b"))', 9, "not inside a function"),
        ('a + mean((b + has("c")), a)', 15, "not inside a function"),
        ('has("b")', 1, 'not what to look for: add a term, as in `dog + has("b")`'),
        (' - has("b") + has("c")', 2, 'as in `dog - has("b") + has("c")`'),
    ],
)
def test_a_condition_stands_at_the_top_beside_a_term(
    source: str, column: int, message: str
) -> None:
    error = fault(source)
    assert error.column == column
    assert message in error.message


@pytest.mark.parametrize(
    "source",
    ["mean dog", "image of a dog", "like a bird", "has a hat", "keyword", "slerp", "dog @home"],
)
def test_function_names_without_a_bracket_are_text(source: str) -> None:
    assert parse(source) == text(source)


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("mean (a)", 1, 'write `mean(…)`, or quote "mean (…)"'),
        ("image\t(a)", 1, "a function touches its bracket"),
        ("dog - like (a)", 7, "write `like(…)`"),
        ("foo(a)", 1, "there is no function foo; there are analogy, has, image, keyword, like, me"),
        ("Mean(a)", 1, "there is no function Mean"),
        ("dog(smiling)", 1, 'As a text, quote "dog(…)"'),
        ("has(x)", 5, 'has takes one quoted string: has("x")'),
        ("a + keyword(x y)", 13, 'keyword takes one quoted string: keyword("x y")'),
        ('keyword ("x")', 1, "a function touches its bracket: write `keyword(…)`"),
        ('a + keyword("!!!")', 13, "the text of keyword() has no word in it, only `!!!`"),
        ('a + has(" 🐕 ")', 9, "the text of has() has no word in it, only `🐕`"),
        ('a + keyword("")', 13, "the text of keyword() is empty"),
        ('keyword("*dog")', 9, "a * stands at the end of a word"),
        ("like(x)", 6, 'like takes one quoted string: like("x")'),
        ("like()", 6, 'like takes one quoted string: like("…")'),
        ("image()", 7, 'image takes one quoted string: image("…")'),
        ('like("a" b)', 10, 'like takes one quoted string and nothing else: like("…")'),
        ('like("a", "b")', 9, "like takes one quoted string and nothing else"),
        ('like("a" - "b")', 10, "like takes one quoted string and nothing else"),
        ('image("")', 7, "the path of image() is empty"),
        ('like(" ")', 6, "the image_id of like() is empty"),
        ("mean()", 6, "expected a term"),
        ("mean(a,)", 8, "expected a term"),
        ("mean(,a)", 6, "expected a term"),
        ("mean(a,,b)", 8, "expected a term"),
        ("mean(a -, b)", 9, "expected a term"),
        ("mean((a, b), c)", 8, "expected +, - or )"),
        ("a - analogy(a, b)", 5, "analogy() takes 3 expressions, not 2"),
        ("without(a)", 1, "without() takes 2 expressions, not 1"),
        ("without(a, b, c)", 1, "without() takes 2 expressions, not 3"),
        ("slerp(a, b)", 11, "slerp takes two expressions and a number from 0 to 1"),
        ("slerp(a)", 8, "slerp takes two expressions and a number from 0 to 1"),
        ("slerp(a, b, c)", 13, "expected a number from 0 to 1: slerp(a, b, 0.5)"),
        ("slerp(a, b, 0.5, c)", 16, "expected )"),
        ("slerp(a, b, 0.5 c)", 17, "expected )"),
        ("slerp(a, b, 1.01)", 13, "slerp() goes from 0 to 1, not to 1.01"),
        ("slerp(a, b, -0.1)", 13, "slerp() goes from 0 to 1, not to -0.1"),
        ("slerp(a, b, 1e999)", 13, "slerp() goes from 0 to 1, not to 1e999"),
        ("mean(a) b", 9, "expected + or - after the closing bracket"),
    ],
)
def test_faulty_functions_say_what_was_expected(source: str, column: int, message: str) -> None:
    error = fault(source)
    assert error.column == column
    assert message in error.message


# Rule 5: brackets and quotes.


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('"man (smiling)"', text("man (smiling)")),
        ('"a - b" - a', text("a - b") - A),
        (r'"say \"hi\""', text('say "hi"')),
        (r'"back\\slash"', text("back\\slash")),
        (r'"a\nb"', text(r"a\nb")),
        ('"  two  spaces "', text("  two  spaces ")),
        ('5" nail', text('5" nail')),
        ('say "hi"', text('say "hi"')),
        (r"back\slash", text(r"back\slash")),
        ('dog - "cat"', DOG - CAT),
        ("((dog))", DOG),
        ("( dog )", DOG),
        ("(a - b)", A - B),
        ("a - (b - c)", A - (B - C)),
        ("a;b", text("a;b")),
    ],
)
def test_quotes_and_brackets_at_the_start_of_a_term(source: str, expected: Expression) -> None:
    assert parse(source) == expected


@pytest.mark.parametrize(
    ("source", "column", "message"),
    [
        ("man (smiling)", 5, 'write "man (smiling)" with quotes'),
        ("man  (smiling) - dog", 6, 'write "man (smiling)" with quotes'),
        ("t-shirt(red)", 8, 'write "t-shirt(red)" with quotes'),
        ("foo (a)", 5, 'write "foo (a)" with quotes'),
        ("dog-(cat)", 5, 'write "dog-(cat)" with quotes'),
        ('5" (nail)', 4, r'write "5\" (nail)" with quotes'),
        ("smile :)", 8, 'write "smile :)" with quotes'),
        ("man)", 4, 'write "man)" with quotes'),
        ("a - b)", 6, 'write "b)" with quotes'),
        (")", 1, "this bracket closes nothing"),
        ("(a))", 4, "this bracket closes nothing"),
        ("()", 2, "expected a term"),
        ("( )", 3, "expected a term"),
        ("(a", 1, "this bracket is never closed: add )"),
        ("a + mean(b", 9, "this bracket is never closed: add )"),
        ('like("a"', 5, "this bracket is never closed: add )"),
        ("((a)", 1, "this bracket is never closed: add )"),
        ('"a', 1, "this quote is never closed"),
        ('a - "b', 5, "this quote is never closed"),
        ('"a\\"', 1, "this quote is never closed"),
        ('"', 1, "this quote is never closed"),
        ('""', 1, "the text of a term is empty"),
        ('a + "  "', 5, "the text of a term is empty"),
        ("(a) b", 5, "expected + or - after the closing bracket"),
        ("(a)(b)", 4, "expected + or - after the closing bracket"),
        ('"a" b', 5, "expected + or - after the closing quote"),
        ('"a""b"', 4, "expected + or - after the closing quote"),
        ('"a" * 2', 5, "expected + or - after the closing quote"),
        ("\ud800", 1, "not valid Unicode"),
        ('a - "\udfff"', 5, "not valid Unicode"),
    ],
)
def test_faulty_brackets_and_quotes(source: str, column: int, message: str) -> None:
    error = fault(source)
    assert error.column == column
    assert message in error.message


def test_the_quoted_form_that_a_message_shows_is_read_as_meant() -> None:
    assert parse('"man (smiling)"') == text("man (smiling)")


# Rule 6: white space.


@pytest.mark.parametrize(
    "source", ["big brown dog", "  big   brown dog  ", "big\n\tbrown\u00a0\u3000dog\u2009"]
)
def test_white_space_collapses_in_bare_text(source: str) -> None:
    assert parse(source) == text("big brown dog")


@pytest.mark.parametrize("source", ["", " ", "\n\t\u00a0\u2028"])
def test_nothing_is_an_error(source: str) -> None:
    error = fault(source)
    assert error.column == 1
    assert "the expression is empty" in error.message


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ("dog -", 6),
        ("dog - ", 7),
        ("-", 2),
        ("a - - - b", 7),
        ("2 *", 4),
        ("2*", 3),
        ("a + + +", 7),
        ("2 * - dog", 5),
        ("+ - dog", 3),
        ("- - dog", 3),
    ],
)
def test_a_missing_term_is_an_error(source: str, column: int) -> None:
    error = fault(source)
    assert error.column == column
    assert error.message == "expected a term: a text, a quoted text, a bracket or a function"


# Rule 7: limits.


def test_4096_characters_and_no_more() -> None:
    assert parse("x" * 4096) == text("x" * 4096)
    error = fault("x" * 4097)
    assert error.column == 4097
    assert error.message == "an expression of 4,097 characters is longer than the 4,096 allowed"


def test_256_terms_and_no_more() -> None:
    assert len(list(parse(" + ".join(["a"] * 256)).leaves())) == 256
    error = fault(" + ".join(["a"] * 257))
    assert (error.column, error.message) == (1, "257 terms are more than the 256 allowed")
    assert fault(f" - {' + '.join(['a'] * 257)}").column == 2
    assert fault(f"b - mean({','.join(['a'] * 257)})").column == 5
    assert fault(f"mean({','.join(['a'] * 250)}) - mean({','.join(['b'] * 7)})").column == 1


@pytest.mark.parametrize("opening", ["(", "mean(", "1 * (", "- (", "a - ("])
def test_64_brackets_and_no_more(opening: str) -> None:
    assert len(list(parse(opening * 64 + "b - c" + ")" * 64).leaves())) >= 2
    error = fault(opening * 65 + "b" + ")" * 65)
    assert error.message == "nested deeper than the 64 levels allowed"
    assert error.column == 65 * len(opening)


def test_brackets_side_by_side_are_not_deep() -> None:
    assert len(list(parse(" + ".join(["(a)", "mean(b)"] * 50)).leaves())) == 100


def test_depth_is_told_before_an_unclosed_bracket() -> None:
    assert fault("(" * 4096).column == 65


@pytest.mark.parametrize(
    "source", ["1" * 4096, "1." + "1" * 4000, "1 " * 2048, "-1" * 2048, "a" + " " * 4000 + "-b"]
)
def test_long_inputs_take_no_time(source: str) -> None:
    start = time.perf_counter()
    try:
        str(parse(source))
    except ExpressionError as error:
        assert "white space before" in error.message  # noqa: PT017
    assert time.perf_counter() - start < 0.2


# Whatever comes in.

FUNCTIONS = ["mean(", "slerp(", "image(", 'like("', 'has("', 'keyword("', "analogy(", "without("]
TOKENS = st.sampled_from(
    [
        *'+-−*()",\\@ \t\u00a0',
        *FUNCTIONS,
        " - ",
        "0.5 * ",
        "auto",
        "dog",
        "é",
        "🐕",
        "\ud800",
        "\x00",
        "2",
        "0.5",
        "1e9",
    ]
)


def _fault_or_none(source: str) -> ExpressionError | None:
    try:
        parse(source)
    except ExpressionError as error:
        return error
    return None


@given(st.lists(TOKENS, max_size=30).map("".join) | st.text(max_size=60))
@example("slerp(a,b,.")
@example("(" * 70)
@settings(max_examples=scaled(400))
def test_any_text_is_an_expression_or_an_expression_error(source: str) -> None:
    error = _fault_or_none(source)
    if error is not None:
        assert error.source == source
        assert error.column is not None
        assert 1 <= error.column <= len(source) + 1


WORD = st.text("abcé東🐕'.:–", min_size=1, max_size=6)


@given(st.lists(WORD, min_size=1, max_size=5), st.sampled_from([" ", "  ", "\t", "\u00a0"]))
@settings(max_examples=scaled(60))
def test_words_are_one_text(words: list[str], space: str) -> None:
    assert parse(space.join(words)) == text(" ".join(words))


@given(WORD, WORD, st.sampled_from("+-−"))
@settings(max_examples=scaled(60))
def test_a_sign_is_an_operator_text_or_an_error_by_its_spaces(a: str, b: str, sign: str) -> None:
    left, right = text(a), text(b)
    assert parse(f"{a} {sign} {b}") == (left + right if sign == "+" else left - right)
    assert parse(f"{a}{sign}{b}") == text(f"{a}{sign}{b}")
    assert parse(f"{a}{sign} {b}") == text(f"{a}{sign} {b}")
    assert fault(f"{a} {sign}{b}").column == len(a) + 2


# One term alone, as the printer asks for it.


def test_a_term_fills_its_whole_text() -> None:
    assert parse_term("dog, cat", in_function=False) == text("dog, cat")
    with pytest.raises(ExpressionError):
        parse_term("dog, cat", in_function=True)
    with pytest.raises(ExpressionError):
        parse_term("a - b", in_function=False)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("dog", (text("dog"),)),
        ("dog, cat ,horse", (text("dog"), text("cat"), text("horse"))),
        ("dog - cat, - horse", (text("dog") - text("cat"), -text("horse"))),
        ('"dog, cat", has("sand")', (text("dog, cat"), has("sand"))),
        ("mean(dog, cat), sand", (mean(text("dog"), text("cat")), text("sand"))),
    ],
)
def test_commas_part_a_list(source: str, expected: tuple[Expression, ...]) -> None:
    assert parse_list(source) == expected


@pytest.mark.parametrize("source", ["", " ", ",", "dog,", ", dog", "dog,, cat", "dog) , cat"])
def test_a_list_has_no_gaps(source: str) -> None:
    with pytest.raises(ExpressionError):
        parse_list(source)
