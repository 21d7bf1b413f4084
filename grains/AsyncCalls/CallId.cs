using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DeployCard.Grains.AsyncCalls;

/// <summary>The id of an asynchronous call: a UUID of version 7 (RFC 9562) as 32 hexadecimal digits, so that ids sort by time.</summary>
[GenerateSerializer, Alias("call-id"), Immutable]
public readonly record struct CallId
{
    /// <summary>Older ids come first.</summary>
    internal static readonly Comparer<CallId> ByAge = Comparer<CallId>.Create(
        (one, other) => string.CompareOrdinal(one.Value, other.Value)
    );

    private CallId(string value) => Value = value;

    /// <summary>The id itself.</summary>
    [Id(0)]
    public string Value { get; }

    /// <summary>When it was made, UTC, to the millisecond.</summary>
    public DateTimeOffset CreatedAt =>
        DateTimeOffset.FromUnixTimeMilliseconds(
            long.Parse(Value.AsSpan(0, 12), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        );

    /// <summary>A new id that belongs to no installation; what clients get comes from <see cref="CallIds"/>.</summary>
    public static CallId New(DateTimeOffset now) => Of(Guid.CreateVersion7(now));

    /// <summary>The id that is this UUID.</summary>
    public static CallId Of(Guid uuid) => new(uuid.ToString("N"));

    /// <summary>Whether <paramref name="text"/> has the form of an id.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out CallId id)
    {
        id = Guid.TryParseExact(text, "N", out var guid) ? new(guid.ToString("N")) : default;
        return id.Value is not null;
    }

    /// <summary>Whether it is as old as <paramref name="other"/> or older; no id is as old as none.</summary>
    internal bool IsUpTo(CallId? other) => other is { } known && ByAge.Compare(this, known) <= 0;

    /// <inheritdoc/>
    public override string ToString() => Value;
}
