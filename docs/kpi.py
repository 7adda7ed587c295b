#!/usr/bin/env python3
"""The figures of `markhound report kpi`, computed again from the exported log.

    markhound report log > log.jsonl
    python3 docs/kpi.py log.jsonl [--from 2026-10-01] [--to 2026-12-31] [--by brand]

Needs nothing but Python. It checks the log's hash chain first. What each figure
counts is told in docs/reports.md.
"""
import argparse
import datetime
import hashlib
import json
import sys


def millis(text):
    at = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((at - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)) / datetime.timedelta(milliseconds=1))



def check(events):
    """The first event that has not the hash it must have, or not that of the one before it."""
    before = "0" * 64
    for event in events:
        fields = [event[key] for key in ("seq", "at_ms", "actor", "action", "subject", "detail", "prev_hash")]
        line = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        if event["prev_hash"] != before or hashlib.sha256(line.encode()).hexdigest() != event["hash"]:
            return event["seq"]
        before = event["hash"]
    return None


def cases_of(events):
    cases, channels = {}, {}
    for event in events:
        if not event["subject"].startswith("case "):
            continue
        detail = json.loads(event["detail"])
        case = cases.setdefault(event["subject"], {"decisions": [], "relistings": 0})
        at, action = event["at_ms"], event["action"]
        if action == "case.open":
            case["opened"] = at
            for key in ("sku", "brand", "source", "item"):
                case[key] = detail.get(key)
        elif action in ("case.confirm", "case.reject"):
            case["decisions"].append((detail["decision"], at, action == "case.confirm"))
        elif action == "case.undo":
            case["decisions"] = [d for d in case["decisions"] if d[0] != detail.get("undoes")]
        elif action == "notice.draft":
            channels[detail["notice"]] = detail["channel"]
        elif action == "case.relisted":
            case["relistings"] += 1
        elif action == "notice.event":
            happened = millis(detail["happened_at"])
            if detail["to"] == "submitted" and "submitted" not in case:
                case["submitted"] = happened
                case["channel"] = channels.get(detail["notice"])
            elif detail["to"] == "removed":
                case.setdefault("removed", happened)
                if detail.get("evidence", "").startswith("captures:"):
                    case["verified"] = True
            elif detail["to"] in ("refused", "counter_notice"):
                case[detail["to"]] = True
    return [case for case in cases.values() if "opened" in case]


def visibility_of(events, cases, holds):
    """By source: results and infringing ones, at the first and the last look of each search."""
    infringing = {(c["source"], c["item"]) for c in cases if c["decisions"] and c["decisions"][-1][2]}
    searches = {}
    for event in events:
        if event["action"] != "scan.results" or not holds(event["at_ms"]):
            continue
        detail = json.loads(event["detail"])
        source, results = detail["source"], detail["results"]
        seen = (sum((source, item) in infringing for item in results), len(results))
        searches.setdefault((source, detail["query"]), []).append(seen)
    sums = {}
    for (source, _), looks in searches.items():
        if len(looks) < 2:
            continue
        for group in ("all", source):
            now = sums.get(group, (0, 0, 0, 0))
            sums[group] = tuple(a + b for a, b in zip(now, looks[0] + looks[-1]))
    return sums


def group_of(case, by):
    if by == "all":
        return "all"
    if by == "channel":
        return case.get("channel") or "none"
    if by == "month":
        return datetime.datetime.fromtimestamp(case["opened"] / 1000, datetime.timezone.utc).strftime("%Y-%m")
    return case.get({"product": "sku"}.get(by, by)) or "unknown"


def rank(values, tenths):
    at = -(-len(values) * tenths // 10)
    return sorted(values)[at - 1] if at else None


def count(group, cases, holds, seen):
    before, of_before, after, of_after = seen
    decided = [c for c in cases if c["decisions"] and holds(c["decisions"][0][1])]
    confirmed = sum(c["decisions"][-1][2] for c in decided)
    reported = [c for c in cases if holds(c.get("submitted"))]
    removed = [c for c in reported if "removed" in c]
    deciding = [(c["decisions"][0][1] - c["opened"]) // 1000 for c in decided]
    removing = [(c["removed"] - c["submitted"]) // 1000 for c in removed]
    return {
        "group": group,
        "found": sum(holds(c["opened"]) for c in cases),
        "decided": len(decided),
        "confirmed": confirmed,
        "rejected": len(decided) - confirmed,
        "precision": confirmed / len(decided) if decided else None,
        "decision_seconds_median": rank(deciding, 5),
        "decision_seconds_p90": rank(deciding, 9),
        "reported": len(reported),
        "removed": len(removed),
        "verified": sum("verified" in c for c in removed),
        "refused": sum("refused" in c for c in reported),
        "counter_notices": sum("counter_notice" in c for c in reported),
        "removal_rate": len(removed) / len(reported) if reported else None,
        "removal_seconds_median": rank(removing, 5),
        "removal_seconds_p90": rank(removing, 9),
        "relisting_rate": sum(c["relistings"] > 0 for c in removed) / len(removed) if removed else None,
        "visibility_before": before / of_before if of_before else None,
        "visibility_after": after / of_after if of_after else None,
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("log")
    arguments.add_argument("--from", dest="since")
    arguments.add_argument("--to")
    arguments.add_argument("--by", default="all", choices=["all", "brand", "product", "channel", "source", "month"])
    given = arguments.parse_args()
    with open(given.log, encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines if line.strip()]
    broken = check(events)
    if broken is not None:
        sys.exit(f"the log is broken at event {broken}")
    since = millis(given.since + "T00:00:00Z") if given.since else None
    until = millis(given.to + "T00:00:00Z") + 86_400_000 if given.to else None

    def holds(at):
        return at is not None and (since is None or at >= since) and (until is None or at < until)

    groups = {"all": []} if given.by == "all" else {}
    cases = cases_of(events)
    for case in cases:
        groups.setdefault(group_of(case, given.by), []).append(case)
    # A search is of no brand and no product.
    seen = visibility_of(events, cases, holds) if given.by in ("all", "source") else {}
    none = (0, 0, 0, 0)
    print(json.dumps([count(name, groups[name], holds, seen.get(name, none)) for name in sorted(groups)]))


if __name__ == "__main__":
    main()
