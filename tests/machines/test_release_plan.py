"""What a release changes, in words: told together where it is alike, and always the same."""

from capabilities.machines.machine import Machine
from capabilities.machines.release_plan import Released, plan

from ..factories import machine_of

RUN = (
    "[Start] - <capability-submitted> {{QueueWorkflow {0}}} -> [Running]",
    "[Running] - <workflow-complete> {{SendMessage execution_complete}} -> [Complete]",
)
SILENT = RUN[1].replace("{{SendMessage execution_complete}}", "{{no action}}")


def run(name: str, *lines: str, requires_qa: bool = False) -> Released:
    return Released(
        machine_of(*(line.format(name) for line in lines or RUN)), requires_qa=requires_qa
    )


def test_machines_that_change_alike_are_told_together_and_others_alone() -> None:
    old = {name: run(name) for name in ("a", "b", "c", "d")}
    later = RUN[1].replace("workflow-complete", "done")
    new = {name: run(name, RUN[0], SILENT) for name in ("b", "a")}
    new |= {"c": run("c", RUN[0], later), "d": run("d")}
    found = plan(old, new)
    assert [each.names for each in found.changed] == [("a", "b"), ("c",)]
    assert found.changed[0].title == "a and b"
    assert found.changed[0].for_users == [
        "The message “execution_complete” is no longer sent, in any run."
    ]
    assert found.same == ("d",)
    assert found.verdict == "3 machines change and 1 machine stays as it is."


def test_a_name_that_is_told_together_is_called_its_name() -> None:
    old = {name: run(name, RUN[1]) for name in ("a", "b")}
    (change,) = plan(old, {name: run(name) for name in ("a", "b")}).changed
    assert any("{QueueWorkflow (its name)}" in each for each in change.sentences)
    (alone,) = plan({"a": old["a"]}, {"a": run("a")}).changed
    assert any("{QueueWorkflow a}" in each for each in alone.sentences)


def test_machines_that_only_look_alike_are_not_told_together() -> None:
    # What is b's name is a's as well: only one of them queues its own workflow.
    old = {"a": run("a"), "b": run("a")}
    new = {"a": run("a", RUN[0], SILENT), "b": run("a", RUN[0], SILENT)}
    assert [each.names for each in plan(old, new).changed] == [("a",), ("b",)]
    taken = run("(its name)")
    assert (
        len(
            plan(
                {"a": taken, "b": run("b")}, {"a": Released(Machine()), "b": Released(Machine())}
            ).changed
        )
        == 2
    )


def test_what_comes_and_goes_is_named() -> None:
    found = plan({"a": run("a"), "b": run("b")}, {"b": run("b"), "c": run("c"), "d": run("d")})
    assert (found.added, found.removed, found.same) == (("c", "d"), ("a",), ("b",))
    assert found.verdict == (
        "2 machines are new, 1 machine is no longer in it and 1 machine stays as it is."
    )


def test_the_first_release_and_one_that_changes_nothing_say_so() -> None:
    first = plan(None, {"a": run("a")})
    assert (first.verdict, first.added) == ("The first release: 1 machine.", ("a",))
    again = plan({"a": run("a")}, {"a": run("a")})
    assert again.is_empty
    assert again.verdict == "Every machine is as in the previous release."


def test_qa_that_is_required_now_is_told_and_that_nothing_is_sent_differently() -> None:
    (change,) = plan({"a": run("a")}, {"a": run("a", requires_qa=True)}).changed
    assert change.sentences == ["QA is now required."]
    assert change.for_users == ["Nothing is sent or done differently, in any run."]
    (kind,) = plan({"a": run("a")}, {"a": Released(run("a").machine, "ideal")}).changed
    assert kind.sentences == ["It is the ideal machine; it was the current one."]


def test_the_order_of_the_machines_does_not_matter() -> None:
    old = {name: run(name) for name in ("a", "b", "c")}
    new = {name: run(name, RUN[0], SILENT) for name in ("c", "a", "b")}
    assert plan(old, new) == plan(dict(reversed(old.items())), dict(reversed(new.items())))
