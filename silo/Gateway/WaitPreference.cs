using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;

namespace DeployCard.Silo.Gateway;

/// <summary>How long a client would have us wait before we answer: <c>Prefer: wait=N</c> (RFC 7240, section 4.3).</summary>
internal static class WaitPreference
{
    /// <summary>The header field in which a client tells what it would prefer.</summary>
    public const string Header = "Prefer";

    /// <summary>The header field in which we tell what we did of it.</summary>
    public const string AppliedHeader = "Preference-Applied";

    /// <summary>In seconds: long enough to spare requests, short enough for whatever stands between client and silo.</summary>
    public const int Longest = 60;

    /// <summary>Seconds, 0 to <see cref="Longest"/>; null where nothing is preferred, or nothing that could be understood.</summary>
    public static int? Of(StringValues prefer)
    {
        // Of a preference that is named twice only the first counts.
        var wait = prefer
            .SelectMany(field => Elements(field ?? ""))
            .Select(Parse)
            .FirstOrDefault(p => p?.Name.Equals("wait", StringComparison.OrdinalIgnoreCase) is true);
        return double.TryParse(wait?.Value?.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? (int)Math.Min(seconds, Longest)
            : null;
    }

    private static NameValueWithParametersHeaderValue? Parse(string element) =>
        NameValueWithParametersHeaderValue.TryParse(element, out var parsed) ? parsed : null;

    /// <summary>The elements of a list; a comma between quotes parts none.</summary>
    private static IEnumerable<string> Elements(string field)
    {
        var (start, isQuoted) = (0, false);
        for (var at = 0; at < field.Length; at++)
        {
            if (isQuoted && field[at] == '\\')
            {
                at++;
            }
            else if (field[at] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (field[at] == ',' && !isQuoted)
            {
                yield return field[start..at];
                start = at + 1;
            }
        }

        yield return field[start..];
    }
}
