using System.Globalization;
using System.Text;

namespace DeployCard.Repository.Tests.Contracts;

/// <summary>Writes values as the documentation shows them.</summary>
internal static class Readable
{
    private static readonly (TimeSpan Unit, string Name)[] Units =
    [
        (TimeSpan.FromDays(1), "days"),
        (TimeSpan.FromHours(1), "h"),
        (TimeSpan.FromMinutes(1), "min"),
        (TimeSpan.FromSeconds(1), "s"),
        (TimeSpan.FromMilliseconds(1), "ms"),
    ];

    private static readonly string[] Sizes = ["bytes", "KiB", "MiB", "GiB", "TiB"];

    private const int MaxLine = 120;

    /// <summary>The duration in the largest unit that divides it, such as <c>90 s</c> or <c>2 min</c>.</summary>
    public static string Duration(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero)
            return "0";
        var (unit, name) = Units.FirstOrDefault(candidate => duration.Ticks % candidate.Unit.Ticks == 0, Units[^1]);
        var count = duration.TotalMilliseconds / unit.TotalMilliseconds;
        return string.Create(CultureInfo.InvariantCulture, $"{count:0.###} {(count == 1 && name == "days" ? "day" : name)}");
    }

    /// <summary>The size in the largest unit that divides it, such as <c>64 KiB</c>.</summary>
    public static string Bytes(double bytes)
    {
        var size = 0;
        while (size < Sizes.Length - 1 && bytes >= 1024 && bytes % 1024 == 0)
            (bytes, size) = (bytes / 1024, size + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes:#,0.###} {(bytes == 1 && size == 0 ? "byte" : Sizes[size])}");
    }

    /// <summary>The text in lines of the usual length of Markdown.</summary>
    public static string Wrap(string text)
    {
        var (wrapped, length) = (new StringBuilder(), 0);
        foreach (var word in text.Split(' '))
        {
            var isNewLine = length + 1 + word.Length > MaxLine;
            if (length > 0)
                wrapped.Append(isNewLine ? '\n' : ' ');
            wrapped.Append(word);
            length = isNewLine || length == 0 ? word.Length : length + 1 + word.Length;
        }

        return wrapped.ToString();
    }
}
