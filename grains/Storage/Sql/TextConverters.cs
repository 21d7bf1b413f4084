using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml;
using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Configuration;
using DeployCard.Contracts.Names;

namespace DeployCard.Storage.Sql;

/// <summary>JSON converters of values that are stored as one string.</summary>
internal static class TextConverters
{
    public static JsonConverter Time { get; } = new TextConverter<DateTimeOffset>(StorageTime.ToText, StorageTime.Parse);

    /// <summary>Converts durations to and from ISO 8601, for example <c>PT2M</c>.</summary>
    public static JsonConverter Duration { get; } = new TextConverter<TimeSpan>(XmlConvert.ToString, XmlConvert.ToTimeSpan);

    public static JsonConverter DeploymentName { get; } =
        new TextConverter<DeploymentName>(name => name.Value, Contracts.Names.DeploymentName.Parse);

    public static JsonConverter PodName { get; } = new TextConverter<PodName>(name => name.Value, text => new(text));

    public static JsonConverter PodsRange { get; } =
        new TextConverter<PodsRange>(
            range => range.ToString(),
            text =>
                Contracts.Configuration.PodsRange.TryParse(text, out var range)
                    ? range
                    : throw new FormatException($"'{text}' is not a range of pods.")
        );

    public static JsonConverter CallId { get; } =
        new TextConverter<CallId>(
            id => id.Value,
            text => Contracts.AsyncCalls.CallId.TryParse(text, out var id) ? id : throw new FormatException($"'{text}' is not a call id.")
        );

    private sealed class TextConverter<T>(Func<T, string> write, Func<string, T> read) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => read(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(write(value));
    }
}
