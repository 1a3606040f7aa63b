"""What serializers of DRF 3.14 answered to some 1,500 inputs, field by field (fields.json)."""

import json
from pathlib import Path

from suite.harness import case, difference, true

FIELDS = ("name", "note", "label", "count", "big", "ratio", "price", "active", "kind", "at", "day", "uid", "extra",
          "owner", "email", "body")  # fmt: skip
RECORDED = json.loads((Path(__file__).parent / "fields.json").read_text())


def register(field):
    async def answers(t):
        """Each input is written as JSON text, since numbers of one value may be written in many ways."""
        ws = {}
        problems = []
        await t.user("ann")
        for path, data, status, wanted in RECORDED[field]:
            if path not in ws:
                ws[path] = await t.open(path)
            await ws[path].send_text('{"action":"create","request_id":1,"data":%s}' % data)
            got = await ws[path].recv()
            shown = got["errors"][0] if got["errors"] else {**got["data"], "id": None}
            if status == 201 and field not in ("body",):
                shown, wanted = got["data"] and got["data"].get(field), wanted[field]
            problem = difference(got["response_status"], status) or difference(shown, wanted)
            if problem:
                problems.append(f"{data[:80]}: {problem}")
            if got["response_status"] == 201 and path == "/ws/users/":
                await ws[path].call("delete", 204, None, pk=got["data"]["id"])
        true(not problems, f"{len(problems)} of {len(RECORDED[field])}: {problems[:5]}")

    answers.__name__ = f"inputs_of_{field}"
    return case("crud")(answers)


for name in FIELDS:
    register(name)
