"""Accounts and organisations: registration, sessions, memberships, claims, invitations, tokens, attachments.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.people.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.people.attachments import AttachmentView, upload_attachment
from registry.services.people.claims import (
    ClaimForm,
    decide_claim,
    get_claim,
    list_claims,
    open_claim_proof,
    submit_claim,
    withdraw_claim,
)
from registry.services.people.invitations import (
    accept_invitation,
    accept_invitation_with_new_account,
    invite_member,
    view_invitation,
    withdraw_invitation,
)
from registry.services.people.memberships import (
    ROLE_DESCRIPTIONS,
    MembersView,
    MemberView,
    change_member_role,
    get_workspace_home,
    leave_organisation,
    list_members,
    remove_member,
)
from registry.services.people.own_account import (
    SecondFactor,
    TotpSetup,
    begin_second_factor,
    change_password,
    confirm_second_factor,
    end_other_sessions,
    end_session,
    get_account,
    reauthenticate,
    remove_second_factor,
    renew_recovery_codes,
    request_email_change,
    update_profile,
)
from registry.services.people.personal_data_export import export_personal_data
from registry.services.people.registration import (
    NewAccount,
    check_link,
    complete_sign_up,
    completed_sign_up_email,
    confirm_email_change,
    request_password_reset,
    request_sign_up,
    reset_password,
)
from registry.services.people.sessions import (
    SessionStage,
    UserSession,
    resolve_session,
    sign_in,
    sign_out,
    verify_second_factor,
)
from registry.services.people.staff_accounts import ASSIGNABLE_ROLES, assign_account_role, reset_second_factor
from registry.services.people.tokens import (
    SCOPE_LABELS,
    TOKEN_LIFETIMES,
    TokenBearer,
    TokenRequest,
    authenticate_token,
    create_token,
    list_tokens,
    revoke_token,
)

__all__ = [
    "ASSIGNABLE_ROLES",
    "ROLE_DESCRIPTIONS",
    "SCOPE_LABELS",
    "TOKEN_LIFETIMES",
    "AttachmentView",
    "ClaimForm",
    "MemberView",
    "MembersView",
    "NewAccount",
    "SecondFactor",
    "SessionStage",
    "TokenBearer",
    "TokenRequest",
    "TotpSetup",
    "UserSession",
    "accept_invitation",
    "accept_invitation_with_new_account",
    "assign_account_role",
    "authenticate_token",
    "begin_second_factor",
    "change_member_role",
    "change_password",
    "check_link",
    "complete_sign_up",
    "completed_sign_up_email",
    "confirm_email_change",
    "confirm_second_factor",
    "create_token",
    "decide_claim",
    "end_other_sessions",
    "end_session",
    "export_personal_data",
    "get_account",
    "get_claim",
    "get_workspace_home",
    "invite_member",
    "leave_organisation",
    "list_claims",
    "list_members",
    "list_tokens",
    "open_claim_proof",
    "reauthenticate",
    "remove_member",
    "remove_second_factor",
    "renew_recovery_codes",
    "request_email_change",
    "request_password_reset",
    "request_sign_up",
    "reset_password",
    "reset_second_factor",
    "resolve_session",
    "revoke_token",
    "sign_in",
    "sign_out",
    "submit_claim",
    "update_profile",
    "upload_attachment",
    "verify_second_factor",
    "view_invitation",
    "withdraw_claim",
    "withdraw_invitation",
]
