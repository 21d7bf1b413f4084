using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DeployCard.Contracts.AsyncCalls;

/// <summary>The id of an asynchronous call: a UUID version 7 (RFC 9562) as 32 hexadecimal digits. Ids sort by creation time.</summary>
[GenerateSerializer, Alias("call-id"), Immutable]
public readonly record struct CallId
{
    /// <summary>Sorts ids by creation time, oldest first.</summary>
    public static readonly Comparer<CallId> OldestFirst = Comparer<CallId>.Create(
        (one, other) => string.CompareOrdinal(one.Value, other.Value)
    );

    private CallId(string value) => Value = value;

    /// <summary>The id as 32 lowercase hexadecimal digits.</summary>
    [Id(0)]
    public string Value { get; }

    /// <summary>Time when the id was created, UTC, in millisecond precision.</summary>
    public DateTimeOffset CreatedAt =>
        DateTimeOffset.FromUnixTimeMilliseconds(
            long.Parse(Value.AsSpan(0, 12), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        );

    /// <summary>
    /// Creates an id without the check bits of an installation. Ids for clients are created by <see cref="CallIdIssuer"/>.
    /// </summary>
    public static CallId Create(DateTimeOffset now) => FromGuid(Guid.CreateVersion7(now));

    /// <summary>Creates an id from a UUID version 7.</summary>
    public static CallId FromGuid(Guid uuid) => new(uuid.ToString("N"));

    /// <summary>Parses an id. Returns false if <paramref name="text"/> does not have 32 hexadecimal digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out CallId id)
    {
        id = Guid.TryParseExact(text, "N", out var guid) ? new(guid.ToString("N")) : default;
        return id.Value is not null;
    }

    /// <summary>Whether this id is <paramref name="other"/> or sorts before it; false if <paramref name="other"/> is null.</summary>
    public bool IsNotYoungerThan(CallId? other) => other is { } known && OldestFirst.Compare(this, known) <= 0;

    /// <inheritdoc/>
    public override string ToString() => Value;
}
