"""Search: requests, filters inferred from words, facets, result lines, saved searches, synonyms.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.finding.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.finding.coverage import list_coverage
from registry.services.finding.projections import PageOfItems, list_json, search_json, suggest_json
from registry.services.finding.requests import (
    MAX_FILTER_VALUES,
    SearchRequest,
    describe_request,
    parse_request,
    parse_saved_query,
)
from registry.services.finding.results.result_ids import ResultIds, list_result_ids
from registry.services.finding.scope import SearchScope, search_scope
from registry.services.finding.search import find_records
from registry.services.finding.subscriptions.followed_records import FollowedView, describe_followed
from registry.services.finding.subscriptions.followers import (
    FollowerView,
    FollowRequest,
    confirm_following,
    end_following,
    get_followed_search,
    request_following,
)
from registry.services.finding.subscriptions.following import NewsView, list_record_news, list_search_news
from registry.services.finding.subscriptions.saved_searches import (
    MAX_SAVED_NAME_LENGTH,
    MAX_SAVED_QUERY_LENGTH,
    NEVER,
    delete_saved_search,
    list_saved_searches,
    save_search,
    set_mail_interval,
)
from registry.services.finding.subscriptions.search_letters import DAILY, WEEKLY
from registry.services.finding.synonym_admin import (
    GLOSSARY_PARTS,
    StaffWordsView,
    WordsDraft,
    add_synonym,
    change_synonym,
    get_staff_words,
    list_built_in_synonyms,
    list_staff_synonyms,
    list_staff_terms,
    remove_synonym,
    restore_synonym,
)
from registry.services.finding.synonym_previews import WordsPreview, preview_words
from registry.services.finding.views import FacetValueView, ResultsView
from registry.services.finding.zero_results import (
    hide_zero_result,
    list_all_zero_results,
    list_zero_results,
)

__all__ = [
    "DAILY",
    "GLOSSARY_PARTS",
    "MAX_FILTER_VALUES",
    "MAX_SAVED_NAME_LENGTH",
    "MAX_SAVED_QUERY_LENGTH",
    "NEVER",
    "WEEKLY",
    "FacetValueView",
    "FollowRequest",
    "FollowedView",
    "FollowerView",
    "NewsView",
    "PageOfItems",
    "ResultIds",
    "ResultsView",
    "SearchRequest",
    "SearchScope",
    "StaffWordsView",
    "WordsDraft",
    "WordsPreview",
    "add_synonym",
    "change_synonym",
    "confirm_following",
    "delete_saved_search",
    "describe_followed",
    "describe_request",
    "end_following",
    "find_records",
    "get_followed_search",
    "get_staff_words",
    "hide_zero_result",
    "list_all_zero_results",
    "list_built_in_synonyms",
    "list_coverage",
    "list_json",
    "list_record_news",
    "list_result_ids",
    "list_saved_searches",
    "list_search_news",
    "list_staff_synonyms",
    "list_staff_terms",
    "list_zero_results",
    "parse_request",
    "parse_saved_query",
    "preview_words",
    "remove_synonym",
    "request_following",
    "restore_synonym",
    "save_search",
    "search_json",
    "search_scope",
    "set_mail_interval",
    "suggest_json",
]
