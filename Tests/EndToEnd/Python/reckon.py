#!/usr/bin/env python3
"""What the World Bank's list of August 2024 with the real edits of the seven months after it must come to, reckoned
without a line of the product's own code.

  reckon.py split EDITS A B                 writes the edits as NDJSON of new values, shared out between two offices
  reckon.py compare LIST EDITS EXPORT       compares each record of an export with the reckoning; prints differences
"""
import csv
import datetime
import json
import sys

TEXT, DATE, NUMBER, LIST = "text", "date", "number", "list"

# Column → path and kind; written down from Examples/investments/README.md, not read from the map.
COLUMNS = {
    "project_name": ("title/en", TEXT),
    "pdo": ("objective", TEXT),
    "country": ("country", TEXT),
    "region": ("worldBank/region", TEXT),
    "status": ("status", TEXT),
    "last_stage_reached_name": ("stage", TEXT),
    "impagency": ("agency", TEXT),
    "borrower": ("borrower", TEXT),
    "boardapprovaldate": ("approvedOn", DATE),
    "closingdate": ("dueBy", DATE),
    "project_cost": ("budget/amount", NUMBER),
    "ibrd_commitment": ("commitments/ibrd", NUMBER),
    "ida_commitment": ("commitments/ida", NUMBER),
    "grant_amount": ("commitments/grant", NUMBER),
    "total_commitment": ("commitments/total", NUMBER),
    "lendinginstr": ("instrument", TEXT),
    "projectfinancialtype": ("financing", TEXT),
    "envassesmentcategorycode": ("environmentCategory", TEXT),
    "esrc_ovrl_risk_rate": ("riskRating", TEXT),
    "cons_serv_reqd_ind": ("consultingServices", TEXT),
    "sector1": ("sector", TEXT),
    "sector2": ("otherSectors", LIST),
    "sector3": ("otherSectors", LIST),
    "theme1": ("themes", LIST),
    "theme2": ("themes", LIST),
}
CONSTANTS = {"budget/currency": "USD", "source": "The World Bank: Projects & Operations"}
DATES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%m/%d/%Y %I:%M:%S %p")


class Number(str):
    """A number by its digits."""


def value(kind, cell):
    if kind == NUMBER:
        return Number(cell)
    if kind == DATE:
        for form in DATES:
            try:
                return datetime.datetime.strptime(cell, form).date().isoformat()
            except ValueError:
                pass
        raise ValueError(f"no date: {cell!r}")
    return cell


def edits(path):
    """Yields (ID, {column: new value}) a record."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            edit = json.loads(line)
            yield edit["id"], {column: new for column, (_, new) in edit["changes"].items()}


def nested(fields):
    tree = {}
    for path, leaf in fields.items():
        *above, last = path.split("/")
        node = tree
        for segment in above:
            node = node.setdefault(segment, {})
        node[last] = leaf
    return tree


# Splitting


def encoded(node):
    """JSON that keeps a number's digits."""
    if isinstance(node, dict):
        members = (f"{json.dumps(name)}:{encoded(leaf)}" for name, leaf in node.items())
        return "{" + ",".join(members) + "}"
    return str(node) if isinstance(node, Number) else json.dumps(node, ensure_ascii=False)


def split(edits_path, *paths):
    """The fields of one record go to both offices in turn, so that most records are edited at both; each tenth edit is
    made at both alike."""
    files = [open(path, "w", encoding="utf-8") for path in paths]
    turn = 0
    for record, changes in edits(edits_path):
        shares = [{}, {}]
        for column, new in changes.items():
            path, kind = COLUMNS[column]
            new = value(kind, new)
            turn += 1
            for office, share in enumerate(shares):
                if turn % 2 == office or turn % 10 == 0:
                    share[path] = new
        for file, share in zip(files, shares):
            if share:
                file.write(encoded({"id": record, **nested(share)}) + "\n")
    for file in files:
        file.close()


# Comparing


def expected(list_path, edits_path):
    records = {}
    with open(list_path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            fields = dict(CONSTANTS)
            for column, cell in row.items():
                if column == "id" or cell == "":
                    continue
                path, kind = COLUMNS[column]
                if kind == LIST:
                    fields.setdefault(path, set()).add(cell)
                else:
                    fields[path] = value(kind, cell)
            records[row["id"]] = fields
    for record, changes in edits(edits_path):
        for column, new in changes.items():
            path, kind = COLUMNS[column]
            records[record][path] = value(kind, new)
    return records


def flat(tree, prefix=""):
    fields = {}
    for name, node in tree.items():
        if isinstance(node, dict):
            fields.update(flat(node, f"{prefix}{name}/"))
        else:
            fields[prefix + name] = set(node) if isinstance(node, list) else node
    return fields


def kinds(fields):
    """A text of digits is not a number."""
    return {path: (isinstance(leaf, Number), leaf) for path, leaf in fields.items()}


def compare(list_path, edits_path, export_path):
    records = expected(list_path, edits_path)
    differences = []
    with open(export_path, encoding="utf-8") as file:
        for line in file:
            found = json.loads(line, parse_int=Number, parse_float=Number)
            wanted = records.pop(found["id"], None)
            fields = kinds(flat(found["fields"]))
            if wanted is None:
                differences.append(f"{found['id']}: not expected")
            elif fields != kinds(wanted):
                wanted = kinds(wanted)
                for path in sorted(fields.keys() | wanted.keys()):
                    if fields.get(path) != wanted.get(path):
                        differences.append(
                            f"{found['id']} {path}: {fields.get(path)!r}, expected {wanted.get(path)!r}")
            if found.get("conflicts"):
                differences.append(f"{found['id']}: {found['conflicts']!r}")
    differences += [f"{record}: missing" for record in records]
    print(f"{len(differences)} differences")
    print(*differences[:20], sep="\n")
    return 1 if differences else 0


if __name__ == "__main__":
    command = {"split": split, "compare": compare}[sys.argv[1]]
    sys.exit(command(*sys.argv[2:]))
