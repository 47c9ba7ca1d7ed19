"""Names of the policies: those of the API, and those that we can keep."""

from __future__ import annotations

SUPPORTED = (
    "credit_card_number",
    "banking_information",
    "email_address",
    "url",
    "ip_address",
    "date_of_birth",
    "us_social_security_number",
    "credit_card_expiration",
    "credit_card_cvv",
    "drivers_license",
    "passport_number",
    "account_number",
    "phone_number",
    "number_sequence",
)
"""What can be recognised by its form. What stands first has the first claim to characters that several would take."""

NEED_WORDS = frozenset({"date_of_birth", "credit_card_cvv", "drivers_license", "passport_number", "account_number"})
"""Those that no form gives away: they are found only by a word that says what they are."""

WORDS_KNOWN_IN = ("de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "zh")
"""Codes of the languages in which all those words are known."""

KNOWN = frozenset(
    {
        *SUPPORTED,
        "blood_type",
        "corporate_action",
        "date",
        "date_interval",
        "day",
        "drug",
        "duration",
        "effect",
        "event",
        "filename",
        "financial_metric",
        "gender",
        "gender_sexuality",
        "healthcare_number",
        "injury",
        "language",
        "location",
        "location_address",
        "location_address_street",
        "location_city",
        "location_coordinate",
        "location_country",
        "location_state",
        "location_zip",
        "marital_status",
        "medical_code",
        "medical_condition",
        "medical_process",
        "money_amount",
        "month",
        "nationality",
        "occupation",
        "organization",
        "organization_id",
        "organization_medical_facility",
        "password",
        "person_age",
        "person_name",
        "physical_attribute",
        "political_affiliation",
        "product",
        "project",
        "religion",
        "sexuality",
        "statistics",
        "time",
        "trend",
        "username",
        "vehicle_id",
        "year",
        "zodiac_sign",
    }
)
"""Every policy that the API has a name for; most of them need an understanding of what is said."""
