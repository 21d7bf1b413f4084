using System.Text.RegularExpressions;

namespace DeployCard.Repository.Tests.Prose;

/// <summary>A construction of English that makes technical prose hard to read or to search.</summary>
/// <param name="Name">Name of the construction in the report.</param>
/// <param name="Pattern">Pattern that finds the construction in plain text.</param>
/// <param name="MaxPer10000Words">
/// The number of hits per 10,000 words that is accepted, for code and for Markdown each. The values are those of the code and documentation
/// of YARP, which is written in plain technical English: 0 means that the construction does not occur there.
/// </param>
internal sealed record Construction(string Name, Regex Pattern, double MaxPer10000Words)
{
    /// <summary>All constructions that the gate counts.</summary>
    public static IReadOnlyList<Construction> All { get; } =
    [
        New(
            "who without a noun",
            @"(?<!\b(?:users?|persons?|people|clients?|operators?|developers?|callers?|administrators?|teams?) )\bwho(?:ever|m)?\b",
            0
        ),
        New("tell/told for log, report, return", @"\b(?:tells?|told|telling)\b", 0),
        New(
            "is none, is no",
            @"(?<!\bthere )\b(?:is|are|was|were|be|been) (?:none\b|no (?!longer\b|one\b|need\b|way\b|such\b|other\b))",
            3.8
        ),
        New("null for none, no bound", @"\b(?:for|means?) none\b|\bno bound\b", 0),
        New("at once", @"\bat once\b", 0.5),
        New("goes, gone, went", @"\b(?:goes|gone|went)\b", 2.2),
        New("stands in, beside", @"\b(?:stands?|stood|standing)\b(?!-?\s?alone)|\bbesides?\b", 0),
        New("any more, no more", @"\b(?:any|no) more\b(?! than)", 2.2),
        New(
            "anew, once more, by itself, of its own, so many",
            @"\b(?:anew|once more|by (?:itself|themselves)|of (?:its|their) own|so many)\b",
            0
        ),
        New("where for if", @"\bwhere (?:it|there|nothing|none|no|they|this|one|nobody|somebody|someone)\b", 0),
        New("he, she for programs and people", @"\b(?:he|him|his|she|hers?|himself)\b", 0),
        New("somebody, nobody", @"\b(?:somebody|nobody|everybody)\b", 0),
        New("mended, for ever, broke off", @"\b(?:mended|for ever|br[eo]a?k[es]? off|broken off|turned away|seen to|sees to)\b", 0),
    ];

    private static Construction New(string name, string pattern, double max) =>
        new(name, new(pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant), max);
}
