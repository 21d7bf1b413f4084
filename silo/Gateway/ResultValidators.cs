using DeployCard.Contracts.AsyncCalls;
using Microsoft.Net.Http.Headers;

namespace DeployCard.Gateway;

/// <summary>Validators of a result for conditional requests.</summary>
/// <param name="Tag">
/// ETag of the model, or a generated ETag if the model sent none; null if the model's ETag is invalid or ambiguous.
/// </param>
/// <param name="LastModified">Last-Modified date of the model; null if the model sent none or the date is invalid.</param>
internal sealed record ResultValidators(EntityTagHeaderValue? Tag, DateTimeOffset? LastModified)
{
    public static ResultValidators From(CallView call, CallResult result) =>
        new(
            Values(result, HeaderNames.ETag) switch
            {
                // The result of an attempt never changes, so the call id and the number of attempts identify the result.
                [] => new($"\"{call.Id}-{call.Attempts.Count}\""),
                [var own] when EntityTagHeaderValue.TryParse(own, out var tag) && !tag.Equals(EntityTagHeaderValue.Any) => tag,
                _ => null,
            },
            Values(result, HeaderNames.LastModified) is [var date] && HeaderUtilities.TryParseDate(date, out var modified) ? modified : null
        );

    /// <summary>
    /// Whether the <c>If-Range</c> condition allows a partial response; true if <paramref name="ifRange"/> is null or empty. If false, the
    /// whole result is sent.
    /// </summary>
    public bool AllowsRange(string? ifRange) =>
        string.IsNullOrEmpty(ifRange)
        || (
            RangeConditionHeaderValue.TryParse(ifRange, out var condition)
            && (
                condition.EntityTag is { } tag
                    ? Tag?.Compare(tag, useStrongComparison: true) is true
                    : LastModified is { } date && date == condition.LastModified
            )
        );

    private static List<string> Values(CallResult result, string name) =>
        [.. result.Headers.Where(h => h.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value)];
}
