using System.Globalization;

namespace DeployCard.Grains.Storage;

/// <summary>Points in time as stored text: UTC and of fixed width, so that the order of the text is the order of time in every database.</summary>
internal static class StorageTime
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    public static string ToText(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    public static DateTimeOffset Parse(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
