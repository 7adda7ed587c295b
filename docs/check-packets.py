#!/usr/bin/env python3
"""Checks evidence packets with programs of others alone; nothing of Markhound runs.

    python3 docs/check-packets.py packets/ --key KEY.pem --ca CA.pem

Takes packets (zip files) and folders of packets, whichever program is installed is
used, and what was not checked for want of a program is said at the end. With --all
that is a failure. docs/verify-a-packet.md tells the same command by command.

    pip install bagit warcio wacz authsign rfc3161-client opentimestamps
    apt-get install openssl qpdf mupdf-tools default-jre-headless \\
        libpdfbox2-java libactivation-java libjaxb-api-java
"""
import argparse
import contextlib
import glob
import hashlib
import importlib.util
import io
import json
import multiprocessing
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree
import zipfile

TAGS = "tagmanifest-sha256.txt"
SIGNATURE = "signature/tagmanifest-sha256.txt.sig"
KEY = "signature/public-key.pem"
DOCUMENTS = ("report.pdf", "declaration.pdf")
# PDFBox as Debian has it; elsewhere --jars names the folder.
JARS = ("preflight", "pdfbox2", "fontbox2", "xmpbox", "commons-logging", "commons-io",
        "javax.activation", "jaxb-api")
# A packet unpacks to no more than this.
MOST_BYTES = 4 << 30


class Refused(Exception):
    """What a program says against a packet."""


def run(*command, folder=None):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
    said = (done.stdout + done.stderr).strip()
    if done.returncode != 0:
        raise Refused(said[-400:] or f"exit code {done.returncode}")
    return said


def bagit_py(bag, _):
    import bagit
    try:
        bagit.Bag(str(bag)).validate()
    except bagit.BagError as why:
        raise Refused(str(why)) from why
    return 1


def openssl_signature(bag, given):
    public = bag / KEY
    if given.keys:
        # The packet's key must be one of those named, not only one that fits.
        mine = run("openssl", "pkey", "-pubin", "-in", str(public), "-outform", "PEM")
        named = [run("openssl", "pkey", "-pubin", "-in", key, "-outform", "PEM") for key in given.keys]
        if mine not in named:
            raise Refused("the key that signed is none of those named by --key")
    said = run("openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", KEY, "-in", TAGS,
               "-sigfile", SIGNATURE, folder=bag)
    if "Verified Successfully" not in said:
        raise Refused(said)
    return 1


def stamps(bag):
    return sorted((bag / "signature").glob("*.tsr"))


def openssl_ts(bag, given):
    for stamp in stamps(bag):
        said = run("openssl", "ts", "-verify", "-data", SIGNATURE, "-in", str(stamp),
                   "-CAfile", given.ca, folder=bag)
        if "Verification: OK" not in said:
            raise Refused(said)
    return len(stamps(bag))


def rfc3161_client(bag, given):
    from cryptography import x509
    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response
    certificates = x509.load_pem_x509_certificates(pathlib.Path(given.ca).read_bytes())
    message = (bag / SIGNATURE).read_bytes()
    for stamp in stamps(bag):
        builder = VerifierBuilder(roots=[], intermediates=[])
        for certificate in certificates:
            root = certificate.issuer == certificate.subject
            add = builder.add_root_certificate if root else builder.add_intermediate_certificate
            builder = add(certificate)
        try:
            builder.build().verify_message(decode_timestamp_response(stamp.read_bytes()), message)
        except (VerificationError, ValueError) as why:
            raise Refused(str(why)) from why
    return len(stamps(bag))


def opentimestamps(bag, _):
    from opentimestamps.core.serialize import DeserializationError, StreamDeserializationContext
    from opentimestamps.core.timestamp import DetachedTimestampFile
    files = sorted((bag / "signature").glob("*.ots"))
    digest = hashlib.sha256((bag / SIGNATURE).read_bytes()).digest()
    for path in files:
        try:
            with path.open("rb") as file:
                read = DetachedTimestampFile.deserialize(StreamDeserializationContext(file))
        except DeserializationError as why:
            raise Refused(str(why)) from why
        if read.file_digest != digest:
            raise Refused(f"{path.name} is about something else")
    return len(files)


def archive(bag):
    path = bag / "data" / "captures.wacz"
    return path if path.exists() else None


def wacz_validate(bag, _):
    from wacz.main import main as wacz
    path = archive(bag)
    if path is None:
        return 0
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = wacz(["validate", "-f", str(path)])
    if code or "Validation succeeded" not in said.getvalue():
        raise Refused(said.getvalue().strip())
    return 1


def warcio_check(bag, _):
    from warcio.checker import Checker
    path = archive(bag)
    if path is None:
        return 0
    folder = bag.parent / "warcs"
    with zipfile.ZipFile(path) as whole:
        names = [name for name in whole.namelist() if name.startswith("archive/")]
        for name in names:
            whole.extract(name, folder)
    warcs = [str(folder / name) for name in names]
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        code = Checker(argparse.Namespace(inputs=warcs, verbose=False)).process_all()
    if code or not warcs:
        raise Refused(said.getvalue().strip() or "there is no WARC file in it")
    return len(warcs)


def authsign(bag, given):
    from authsign.verifier import Verifier
    path = archive(bag)
    if path is None:
        return 0
    with zipfile.ZipFile(path) as whole:
        digests = [json.loads(whole.read("datapackage-digest.json"))]
        described = hashlib.sha256(whole.read("datapackage.json")).hexdigest()
    # Signed after the packet was, where no authority would timestamp that before.
    late = bag / "signature" / "datapackage-digest.json"
    if late.exists():
        digests.append(json.loads(late.read_bytes()))
    signatures = [digest["signedData"] for digest in digests if "signedData" in digest]
    for signed in signatures:
        if signed["hash"] != f"sha256:{described}":
            raise Refused("signedData is about another datapackage.json")
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                Verifier(given.roots)(signed)
            except Exception as why:
                raise Refused(str(why)) from why
    return len(signatures)


def qpdf(bag, _):
    for document in DOCUMENTS:
        run("qpdf", "--check", str(bag / "data" / document))
    return len(DOCUMENTS)


def mutool(bag, _):
    for document in DOCUMENTS:
        said = run("mutool", "draw", "-q", "-F", "text", "-o", "-", str(bag / "data" / document))
        if "SHA-256" not in said:
            raise Refused(f"{document} has no text that could be read")
    return len(DOCUMENTS)


# Name, what does it, whether it is there, what it also needs.
CHECKS = (
    ("bagit.py", bagit_py, "module", "bagit", None),
    ("openssl pkeyutl", openssl_signature, "program", "openssl", None),
    ("openssl ts", openssl_ts, "program", "openssl", "ca"),
    ("rfc3161-client", rfc3161_client, "module", "rfc3161_client", "ca"),
    ("opentimestamps", opentimestamps, "module", "opentimestamps", None),
    ("wacz validate", wacz_validate, "module", "wacz", None),
    ("warcio check", warcio_check, "module", "warcio", None),
    ("authsign", authsign, "module", "authsign", "roots"),
    ("qpdf", qpdf, "program", "qpdf", None),
    ("mutool", mutool, "program", "mutool", None),
)
PREFLIGHT = "PDFBox preflight"


def missing(kind, name):
    there = importlib.util.find_spec(name) if kind == "module" else shutil.which(name)
    return None if there else f"the {kind} {name} is not installed"


def unpack(path, folder):
    """The bag's folder. A name that leads out of it stays inside, as zipfile does it."""
    with zipfile.ZipFile(path) as whole:
        if sum(entry.file_size for entry in whole.infolist()) > MOST_BYTES:
            raise Refused("it unpacks to more than 4 GiB")
        whole.extractall(folder)
    inside = [entry for entry in folder.iterdir() if entry.is_dir()]
    if len(inside) != 1:
        raise Refused("it does not hold one folder")
    return inside[0]


def look(job):
    """One packet, and what lies in it: what each program says, and for how long it ran."""
    path, number, given = job
    found = {"packet": str(path), "number": str(number), "checks": {}, "refused": {}, "seconds": {}}
    with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
        folder = pathlib.Path(scratch)
        try:
            bag = unpack(path, folder)
        except (Refused, OSError, zipfile.BadZipFile) as why:
            found["refused"]["unzip"] = str(why)
            return [found]
        inner = sorted((bag / "data" / "cases").glob("*.zip"))
        for name, check, _, _, _ in CHECKS:
            if name not in given.able or (inner and check in (qpdf, mutool)):
                continue
            began = time.monotonic()
            try:
                found["checks"][name] = check(bag, given)
            except (Refused, OSError, ValueError, KeyError) as why:
                found["refused"][name] = f"{type(why).__name__}: {why}".removeprefix("Refused: ")
            found["seconds"][name] = time.monotonic() - began
        for document in () if inner else DOCUMENTS:
            with contextlib.suppress(OSError):
                name = f"{number}-{document}"
                shutil.copyfile(bag / "data" / document, pathlib.Path(given.pdfs) / name)
        results = [found]
        for at, part in enumerate(inner):
            kept = pathlib.Path(given.scratch) / f"part-{number}-{at}.zip"
            shutil.move(part, kept)
            for result in look((kept, f"{number}.{at}", given)):
                result["packet"] = f"{path}: {part.name}"
                results.append(result)
        return results


def preflight(results, given):
    """All documents in one Java machine: it takes longer to start than to check one."""
    listed = pathlib.Path(given.scratch) / "documents.txt"
    names = sorted(os.listdir(given.pdfs))
    if not names:
        return 0.0
    listed.write_text("".join(f"{given.pdfs}/{name}\n" for name in names))
    began = time.monotonic()
    jars = ":".join(f"{given.jars}/{jar}.jar" for jar in JARS)
    run("java", "-cp", jars, "org.apache.pdfbox.preflight.Validator_A1b", "xml", "group", str(listed))
    took = time.monotonic() - began
    valid = {}
    for document in xml.etree.ElementTree.parse(f"{listed}.preflight.xml").getroot():
        held = document.find("isValid")
        ok = held is not None and held.text == "true"
        details = " ".join(text.strip() for text in document.itertext() if text.strip())
        valid[document.get("name")] = (ok, details)
    for result in results:
        for document in DOCUMENTS:
            name = f"{result.get('number')}-{document}"
            if name not in names:
                continue
            ok, details = valid.get(name, (False, "preflight said nothing of it"))
            if ok:
                result["checks"][PREFLIGHT] = result["checks"].get(PREFLIGHT, 0) + 1
            else:
                result["refused"][PREFLIGHT] = f"{document}: {details[:400]}"
    return took


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("packets", nargs="+", help="zip files, or folders of them")
    arguments.add_argument("--key", dest="keys", action="append", default=[],
                           help="a public key that may have signed, in PEM form")
    arguments.add_argument("--ca", help="certificates of timestamping authorities, in PEM form")
    arguments.add_argument("--domain-ca", help="root that vouches for the domain which signs captures")
    arguments.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments.add_argument("--jars", default="/usr/share/java", help="where PDFBox's jars are")
    arguments.add_argument("--all", action="store_true", help="fail where a program is missing")
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    paths = []
    for name in given.packets:
        given_path = pathlib.Path(name)
        paths += sorted(given_path.glob("*.zip")) if given_path.is_dir() else [given_path]
    if not paths:
        sys.exit("there is no packet in " + ", ".join(given.packets))
    given.ca = given.ca and os.path.abspath(given.ca)
    given.keys = [os.path.abspath(key) for key in given.keys]
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="check-packets-") as scratch:
        given.scratch, given.pdfs, given.roots = scratch, f"{scratch}/pdfs", None
        os.mkdir(given.pdfs)
        left = {name: missing(kind, needs) for name, _, kind, needs, _ in CHECKS}
        if given.domain_ca and given.ca and not left["authsign"]:
            given.roots = f"{scratch}/roots.yaml"
            from authsign import crypto
            prints = [crypto.get_fingerprint(crypto.load_cert(pathlib.Path(file).read_bytes()))
                      for file in (given.domain_ca, given.ca)]
            pathlib.Path(given.roots).write_text(json.dumps(
                {"domain_cert_roots": prints[:1], "timestamp_cert_roots": prints[1:]}))
        for name, _, _, _, also in CHECKS:
            if also and not getattr(given, also):
                wants = "--ca" if also == "ca" else "--ca and --domain-ca"
                left[name] = left[name] or f"needs {wants}"
        given.able = [name for name, why in left.items() if not why]
        left[PREFLIGHT] = missing("program", "java") or (
            None if os.path.exists(f"{given.jars}/{JARS[0]}.jar") else f"PDFBox is not in {given.jars}")
        jobs = [(path, number, given) for number, path in enumerate(paths)]
        results = []
        # Forked from a process that has imported them, workers need not.
        for module in ("bagit", "wacz.main", "warcio.checker", "authsign.verifier", "rfc3161_client"):
            with contextlib.suppress(ImportError):
                importlib.import_module(module)
        with multiprocessing.get_context("fork").Pool(given.jobs) as pool:
            for found in pool.imap(look, jobs):
                results += found
                if sys.stderr.isatty():
                    print(f"\r{len(results)} packets", end="", file=sys.stderr)
        took = preflight(results, given) if not left[PREFLIGHT] else 0.0
    programs = [name for name, *_ in CHECKS] + [PREFLIGHT]
    summary = {}
    for name in programs:
        summary[name] = {
            "files": sum(result["checks"].get(name, 0) for result in results),
            "refused": sum(name in result["refused"] for result in results),
            "seconds": round(sum(result["seconds"].get(name, 0) for result in results)
                             if name != PREFLIGHT else took, 1),
            "not_checked": left[name],
        }
    refused = [result for result in results if result["refused"]]
    unchecked = [name for name in programs if left[name]]
    if given.json:
        print(json.dumps({"packets": len(results), "seconds": round(time.monotonic() - began, 1),
                          "programs": summary,
                          "refused": {result["packet"]: result["refused"] for result in refused}}))
    else:
        for result in refused:
            for name, why in result["refused"].items():
                print(f"REFUSED  {result['packet']}: {name}: {why}")
        for name, counted in summary.items():
            held = f"{counted['files']} hold, {counted['refused']} refused, {counted['seconds']} s"
            print(f"{name:>18}  {'not checked: ' + counted['not_checked'] if counted['not_checked'] else held}")
        print(f"{len(results)} packets, {len(refused)} refused, {time.monotonic() - began:.0f} s")
    if refused or (given.all and unchecked):
        sys.exit(1)


if __name__ == "__main__":
    main()
