"""The words of the codes about random checks."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Message, declare

MESSAGES: dict[str, Message | str] = {
    "check_not_possible": _("Records of this register are not checked at random."),
    "check_outside_region": _(
        "A reviewer of a region announces checks within it: choose a region that lies in yours."
    ),
    "population_empty": _("No record fits this choice: there is nothing to draw from."),
    "population_too_large": _(
        "%(count)s records fit; a check draws from at most %(at_most)s. Narrow the choice."
    ),
    "size_or_share": _("State either how many records are drawn or which share of them."),
    "size_not_whole": _("“%(value)s” is no whole number from 1 to %(at_most)s."),
    "share_not_possible": _("“%(value)s” is no percentage above 0 and up to 100."),
    "too_few_inspectors": _("Name at least %(at_least)s inspectors: two are drawn for each record."),
    "too_many_inspectors": _("Name at most %(at_most)s inspectors."),
    "inspector_unknown": _("An inspector whom you chose has no active account of this role any more."),
    "seed_day_too_early": _("Choose a day after today: the figure must be one that is not known yet."),
    "whole_day": _("Write the whole day, such as 2026-12-31; “%(value)s” is none."),
    "day_too_far": _("Choose a day of the next twelve months."),
    "results_before_draw": _("Results follow the draw: choose a day after that of the figure."),
    "figure_shape": _("Write the figure as numbers separated by blanks, such as 3 8 12 or 3245.67."),
    "figure_count": _("The announcement says that the figure has %(wanted)s numbers; these are %(count)s."),
    "check_settled": _("This check was drawn or cancelled meanwhile."),
    "check_is_own": _("You have announced this check: another person draws it."),
    "draw_too_early": _("The figure is of %(day)s: the check is not drawn before that day."),
    "checkpoint_not_sealed": _("The log is still being sealed. Try again in a minute."),
    "population_changed": _(
        "The list of the population is not the one that was announced. Nothing was drawn."
    ),
    "result_is_own": _("You have recorded this result: another person publishes it or sends it back."),
    "result_public": _("This result is public already."),
    "result_not_recorded": _("No result is recorded for this record."),
    "result_wanted": _("Say what the check came to."),
    "check_day_before_draw": _("The record was drawn on %(day)s: it was not checked before."),
    "check_needs_account": _(
        "A random check is announced, drawn and recorded by a person who has signed in."
    ),
}

declare(__name__, MESSAGES)
