"""Text encodings: what was declared, else strict UTF-8, else GB18030; never GBK, which lacks characters in use."""

import codecs

from gis_service.ingest.notes import ImportNote, refusal

UTF8 = "utf-8"
GB18030 = "gb18030"
_SUBSETS_OF_GB18030 = ("gbk", "gb2312", "cp936", "936", "ms936", "windows936", "gb_2312", "euccn", "eucgb2312cn")
_WESTERN = ("iso88591", "latin1", "cp1252", "1252", "windows1252", "88591", "ascii", "usascii", "ansi", "ansi1252")


def decode(data: bytes, declared: str | None, label: str) -> str:
    """Return the text of a file.

    Parameters
    ----------
    data
        The whole file.
    declared
        Encoding from ``dataset.toml``; None: a byte order mark, then strict UTF-8, then GB18030.
    label
        File for messages.

    Returns
    -------
    str
        Text without byte order mark.

    Raises
    ------
    InputError
        The bytes are not text of the declared encoding, or of any that is tried.
    """
    encoding = widened(declared) if declared is not None else detect([data], label)
    try:
        text = data.decode("utf-8-sig" if encoding == UTF8 else encoding)
    except UnicodeDecodeError as error:
        raise undecodable(label, declared or encoding) from error
    return text.removeprefix("\ufeff")


def detect(samples: list[bytes], label: str) -> str:
    """Return the encoding in which every sample is text.

    Parameters
    ----------
    samples
        Byte strings, each whole (not cut inside a character).
    label
        File for messages.

    Returns
    -------
    str
        ``utf-16`` (by its byte order mark only), ``utf-8`` or ``gb18030``.

    Raises
    ------
    InputError
        No encoding fits.
    """
    if samples and samples[0].startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in (UTF8, GB18030):
        if all(is_text(sample, encoding) for sample in samples):
            return encoding
    raise undecodable(label, f"{UTF8} / {GB18030}")


def is_text(data: bytes, encoding: str) -> bool:
    """Return whether bytes decode strictly in an encoding."""
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def widened(encoding: str) -> str:
    """Return the encoding in which to read what was declared: GB18030 for GBK and GB2312, which it contains."""
    return GB18030 if _plain(encoding) in _SUBSETS_OF_GB18030 else codecs.lookup(encoding).name


def from_cpg(content: bytes, samples: list[bytes], label: str) -> tuple[str | None, tuple[ImportNote, ...]]:
    """Return the encoding that a ``.cpg`` file names, if the attribute table agrees with it.

    Parameters
    ----------
    content
        The ``.cpg`` file.
    samples
        Byte strings of the attribute table.
    label
        File for messages.

    Returns
    -------
    encoding : str or None
        None: unknown, impossible, or named without looking: a western code page, which decodes anything, although the
        bytes are not ASCII, or one of the GB family although they are UTF-8, which GB18030 often decodes as well, into
        names that nobody can read.
    notes : tuple of ImportNote
        Says so where the ``.cpg`` was not believed.
    """
    named = content.decode("ascii", "ignore").strip()
    plain = _plain(named)
    all_ascii = all(sample.isascii() for sample in samples)
    try:
        encoding = GB18030 if plain == "936" else widened({"65001": UTF8}.get(plain, named))
    except LookupError:
        encoding = None
    if all_ascii:
        return UTF8, ()
    careless = plain in _WESTERN or (encoding == GB18030 and all(is_text(sample, UTF8) for sample in samples))
    if encoding is not None and not careless and all(is_text(sample, encoding) for sample in samples):
        return encoding, ()
    note = ImportNote(
        "notice",
        label,
        None,
        f".cpg 写的编码“{named}”与属性表不符，已改为自动识别；如识别有误请改正 .cpg 文件",
        f"the .cpg names {named!r}, which the attribute table contradicts; the encoding was detected instead: "
        "correct the .cpg if that went wrong",
    )
    return None, (note,)


def undecodable(label: str, encoding: str) -> Exception:
    """Return the error for bytes that are no text of an encoding."""
    return refusal(
        label,
        f"文字无法按 {encoding} 解码，请用正确的编码打开后另存为 UTF-8",
        f"the text cannot be decoded as {encoding}; open it in its real encoding and save it as UTF-8",
    )


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")
