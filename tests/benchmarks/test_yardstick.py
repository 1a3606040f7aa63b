"""How the figures of rounds become ratios, tables and parts of the document."""

import pytest
from yardstick import document, profile, ratios, results, scenarios, table
from yardstick.scenarios import BY_NAME, Target


def row(test, peer, number, figure, ok=True, **more):
    metric = BY_NAME[test].metric
    return {"test": test, "peer": peer, "round": number, "ok": ok, "scenario": "actions",
            metric: figure, **more}  # fmt: skip


ECHO = [
    row("echo", "dcrf", 1, 10.0), row("echo", "beast-coalesce", 1, 5.0),
    row("echo", "dcrf", 2, 30.0), row("echo", "beast-coalesce", 2, 10.0),
    row("echo", "dcrf", 3, 11.0), row("echo", "beast-coalesce", 3, 10.0),
]  # fmt: skip
TARGET = Target("echo", most=2.0, against="beast-coalesce")


def test_a_ratio_is_the_median_of_those_of_the_rounds():
    found = ratios.of_target(ECHO, TARGET)
    # Of the medians, 11 and 10, it would be 1.1.
    assert (found.median, found.least, found.most, found.count) == (2.0, 1.1, 3.0, 3)


def test_a_run_that_was_not_right_does_not_count():
    spoiled = [*ECHO[:3], {**ECHO[3], "ok": False, "lost": 1}, *ECHO[4:]]
    found = ratios.of_target(spoiled, TARGET)
    assert (found.median, found.count) == (pytest.approx(1.55), 2)
    assert "1 of" not in table.of_faults(ECHO)
    assert "echo, beast-coalesce, round 2: lost 1" in table.of_faults(spoiled)
    assert "| 2/3 |" in table.of_scenario(spoiled, BY_NAME["echo"])


def test_a_target_without_a_right_round_is_missed():
    none_right = [{**each, "ok": False} for each in ECHO]
    assert ratios.of_target(none_right, TARGET) is None
    said = table.of_targets(none_right)
    assert "no round was right" in said and "**missed**" in said and "met" not in said


def test_a_target_that_was_not_measured_is_not_in_the_table():
    assert table.of_targets([row("echo", "dcrf", 1, 10.0)]) == ""


def test_bounds_hold_from_both_sides():
    assert Target("echo", most=1.3).is_met_by(1.3) and not Target("echo", most=1.3).is_met_by(1.31)
    assert Target("list", least=10).is_met_by(10) and not Target("list", least=10).is_met_by(9.9)


def test_figures_of_another_scenario_are_divided_by():
    rows = [row("patch", "dcrf", 1, 12.0), row("create", "beast-json-coal", 1, 8.0)]
    target = next(each for each in scenarios.TARGETS if each.scenario == "patch" and each.most)
    assert ratios.of_target(rows, target).median == 1.5
    assert "dcrf / beast-json-coal's create" in table.of_targets(rows)
    assert "| ≤ 1.6 | met |" in table.of_targets(rows)


def test_a_bound_without_a_peer_is_one_of_the_figure():
    rows = [row("idle", "dcrf", number, 5000 + number) for number in (1, 2, 3)]
    target = next(each for each in scenarios.TARGETS if each.scenario == "idle")
    assert ratios.of_target(rows, target).median == 5002


def test_targets_name_scenarios_and_peers_that_are_measured():
    for target in scenarios.TARGETS:
        assert target.of in BY_NAME[target.scenario].peers
        if target.against:
            assert target.against in BY_NAME[target.in_scenario or target.scenario].peers


def test_cells_show_the_spread():
    assert table.cell(ratios.spread([1.0, 2.0, 40.0])) == "2.00 [1.00–40.0]"
    assert table.cell(ratios.spread([1234.0])) == "1,234"
    assert table.cell(ratios.spread([])) == "–"


def test_nested_figures_are_found():
    assert results.value({"ok": True, "latency_us": {"p50": 7.5}}, "latency_us.p50") == 7.5
    assert results.value({"ok": True, "latency_us": {}}, "latency_us.p50") is None
    assert results.value({"ok": False, "latency_us": {"p50": 7.5}}, "latency_us.p50") is None


DOCUMENT = "before\n<!-- bench a -->\nold\n<!-- end a -->\nbetween\n<!-- bench b -->\n<!-- end b -->\n"


def test_one_part_of_the_document_is_replaced():
    filled = document.replaced(DOCUMENT, "a", "new \\1\n")
    assert filled == DOCUMENT.replace("\nold\n", "\n\nnew \\1\n\n")
    assert document.replaced(filled, "a", "new \\1") == filled
    assert "old" not in document.replaced(DOCUMENT, "a", "")


@pytest.mark.parametrize(
    "name, text",
    [
        ("c", DOCUMENT),
        ("a", "<!-- bench a -->\n" + DOCUMENT),
        ("a", DOCUMENT + "<!-- end a -->\n"),
        ("a", "<!-- end a -->\n<!-- bench a -->\n"),
    ],
)
def test_a_part_must_be_there_once(name, text):
    with pytest.raises(ValueError, match=f"<!-- bench {name} -->"):
        document.replaced(text, name, "x")


def test_the_document_has_all_parts():
    text = document.DOCUMENT.read_text()
    for name in ("rounds", "connections", "groups", "threads", "count", "profiles", "micro"):
        document.replaced(text, name, "x")


def test_stacks_are_folded():
    script = """
\t    7f01 dcrf::driver::parse(dcrf::request&)+0x10 (/bin/dcrf-bench)
\t    7f02 boost::asio::io_context::run()+0x2 (/bin/dcrf-bench)

\t    7f01 dcrf::driver::parse(dcrf::request&)+0x10 (/bin/dcrf-bench)
\t    7f02 boost::asio::io_context::run()+0x2 (/bin/dcrf-bench)

\t    7f03 [unknown] ([unknown])
""".splitlines()
    assert profile.folded(script) == (
        "[unknown] 1\nboost::asio::io_context::run;dcrf::driver::parse 2\n"
    )


@pytest.mark.parametrize(
    "symbol, short",
    [
        ("std::vector<int, std::allocator<int> >::push_back(int&&)", "std::vector::push_back"),
        ("void dcrf::write<true>(dcrf::json_writer&) const", "dcrf::write"),
        ("dcrf::(anonymous namespace)::all()::{lambda(int)#1}::operator()(int) const",
         "dcrf::anon::all::{lambda#1}::operator call"),
        ("tcp_sendmsg", "tcp_sendmsg"),
    ],
)  # fmt: skip
def test_names_are_short(symbol, short):
    assert profile.short_name(symbol) == short
