"""The words of the codes about the content of a file."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "file_empty": _("The file is empty. Choose another one, or save it again and send that."),
    "file_kind": _(
        "The file is neither PDF, OFD, JPEG nor PNG. Only these are taken, told by what is in a file and not by its name: save or scan it as one of them."
    ),
    "file_heic": _(
        "This is a HEIC photo, as iPhones take them, which few programs can open. Save or export it as JPEG and send that; in the settings of the camera, “Most Compatible” takes photos as JPEG."
    ),
    "file_damaged": _(
        "The %(kind)s file is damaged or was cut off: its parts do not fit together. Open it, save it again and send that."
    ),
    "file_mixed": _(
        "The %(kind)s file holds something else before, behind or inside it, so that it could be opened as another kind. A file must be one thing only: open it, save it again and send that."
    ),
    "picture_size": _(
        "The picture has %(width)s × %(height)s pixels; at most %(at_most)s million are taken. Save it smaller."
    ),
    "picture_small": _(
        "The picture has %(width)s × %(height)s pixels; each side needs at least %(at_least)s. Save it larger."
    ),
    "picture_damaged": _(
        "The picture cannot be drawn: it is damaged, or of a kind that only its own program knows. Save it again as JPEG or PNG and send that."
    ),
    "picture_unreadable": _(
        "This is not a picture that can be read: JPEG, PNG and WebP are. Photograph the code again, or type the number."
    ),
    "pictures_busy": _(
        "Many pictures are being read at the moment. Try again in a minute, or type the number."
    ),
    "picture_too_slow": _(
        "The picture takes too long to be searched for a code. Photograph the code alone and from nearer, or type the number."
    ),
    "ofd_paths": _(
        "The OFD file holds names that lead out of it, such as ../name. Such files are not taken: export it again from the program that made it."
    ),
    "ofd_too_large": _(
        "The OFD file would unpack to more than %(at_most)s MB or %(entries)s parts, or is compressed far too much. Export it again, or divide it."
    ),
    "pdf_active": _(
        "The PDF holds something that acts by itself or carries other files: %(found)s. Only documents that are merely read are taken: print it to a new PDF and send that."
    ),
    "pdf_encrypted": _(
        "The PDF is encrypted or protected by a password, so that it cannot be checked. Save it without protection and send that."
    ),
    "pdf_unreadable": _(
        "The PDF does not keep to the rules of its format, so that it cannot be checked. Print it to a new PDF and send that."
    ),
    "pdf_too_complex": _(
        "The PDF has too many parts to be checked in reasonable time. Divide it, or print it to a new PDF and send that."
    ),
    "file_being_examined": _("“%(name)s” is being examined. That takes a few seconds."),
    "file_lost": _("The file is not here any more. Choose it again."),
    "too_many_files": _(
        "You have sent %(at_most)s files within an hour, as many as are taken; refused ones count. Try again in an hour."
    ),
    "file_too_complex": _(
        "The file could not be examined in reasonable time. Divide it, or print it to a new PDF and send that."
    ),
    "files_busy": _("Many files are being examined at the moment. Send yours again in a minute."),
    "virus_scanner_unavailable": Message(_("The virus scanner cannot be reached."), unspoken=("problem",)),
}

declare(__name__, MESSAGES)
