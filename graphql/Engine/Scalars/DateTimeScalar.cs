using System.Globalization;

namespace DeployCard.GraphQL.Engine.Scalars;

/// <summary>
/// Scalar for a point in time. The offset is required, because the server's time zone would be assumed if it were missing.
/// </summary>
internal sealed class DateTimeScalar : StringScalar<DateTimeOffset>
{
    public DateTimeScalar()
    {
        Name = "DateTime";
        Description = "A date and time with its offset from UTC in RFC 3339 format, for example 2026-01-31T12:00:00Z.";
    }

    protected override bool TryParse(string text, out DateTimeOffset value)
    {
        value = default;
        return HasOffset(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out value);
    }

    protected override object Write(DateTimeOffset value) => value;

    private static bool HasOffset(string text) => text.Length >= 20 && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-');
}
