#!/usr/bin/env python3
"""Makes the manual page of the program: what `switchboard --experimental-dump-help` prints goes in, roff comes out."""
import json
import re
import sys


def roff(text):
    """Text as it is, whatever roff thinks of it."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)


def discussion(text):
    """Paragraphs; what is set in is an example and stays as it is."""
    lines, out, is_example = text.split("\n"), [], False
    for line in lines:
        example = line.startswith("  ")
        if example != is_example and (line or is_example):
            out.append(".nf" if example else ".fi")
            is_example = example
        if line.isupper():
            out.append(".PP\n\\fB" + roff(line) + "\\fR")
        elif not line:
            out.append(".PP")
        else:
            out.append(roff(line))
    return out + ([".fi"] if is_example else [])


def name(given):
    return ("-" if given["kind"] == "short" else "--") + given["name"]


def arguments(command, common=("help", "version")):
    """Those that every command has are told once."""
    out = []
    for argument in command.get("arguments", []):
        names = {given["name"] for given in argument.get("names", [])}
        if not argument.get("shouldDisplay", True) or names.intersection(common):
            continue
        value = argument.get("valueName", "value")
        if argument["kind"] == "positional":
            title = "\\fI" + roff(value) + "\\fR"
        else:
            title = ", ".join("\\fB" + roff(name(n)) + "\\fR" for n in argument.get("names", []))
            if argument["kind"] == "option":
                title += " \\fI" + roff(value) + "\\fR"
        text = argument.get("abstract", "")
        if argument.get("defaultValue"):
            text += f" (default: {argument['defaultValue']})"
        out += [".TP", title, roff(text) or "\\&"]
    return out


def describe(command, path, out):
    path = path + [command["commandName"]]
    if command["commandName"] == "help":
        return
    out.append(f'.SS "{" ".join(path)}"')
    out.append(roff(command.get("abstract", "")))
    if command.get("discussion"):
        out += [".PP"] + discussion(command["discussion"])
    out += arguments(command)
    for inner in command.get("subcommands", []):
        describe(inner, path, out)


def page(command, version, date):
    title = command["commandName"]
    out = [
        f'.TH {title.upper()} 1 "{date}" "{title} {version}" "User Commands"', ".SH NAME",
        f"{title} \\- {roff(command['abstract'][0].lower() + command['abstract'][1:].rstrip('.'))}", ".SH SYNOPSIS",
        f"\\fB{title}\\fR \\fIcommand\\fR [\\fIoption\\fR ...]", ".SH DESCRIPTION",
    ]
    out += discussion(command.get("discussion", "")) + arguments(command, ()) + [".SH COMMANDS"]
    for inner in command.get("subcommands", []):
        describe(inner, [title], out)
    out += [
        ".SH FILES", ".TP", "\\fI/etc/switchboard/switchboard.json\\fR", "The configuration of this machine\\(aqs node.",
        ".TP", "\\fI/etc/default/switchboard\\fR", "Variables for the node; each key of the configuration is one.",
        ".TP", "\\fI/var/lib/switchboard\\fR", "The data of the node. Never copy it to another node.",
        ".SH SEE ALSO", "\\fI/usr/share/doc/switchboard\\fR",
    ]
    return "\n".join(out) + "\n"


if __name__ == "__main__":
    version, date = sys.argv[1:3]
    sys.stdout.write(page(json.load(sys.stdin)["command"], version, date))
