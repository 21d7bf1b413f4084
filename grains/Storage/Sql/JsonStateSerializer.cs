using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Storage;

namespace DeployCard.Storage.Sql;

/// <summary>
/// Serializes grain state as UTF-8 JSON in the format that the index scripts read. Read README.md of this project before changing the
/// format.
/// </summary>
internal sealed class JsonStateSerializer : IGrainStorageSerializer
{
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // The JSON is stored in a database column and never embedded in HTML. Escaping would make non-ASCII letters up to six times as
        // long.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters =
        {
            new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseUpper, allowIntegerValues: false),
            TextConverters.Time,
            TextConverters.Duration,
            TextConverters.DeploymentName,
            TextConverters.PodsRange,
            TextConverters.PodName,
            TextConverters.CallId,
        },
    };

    /// <inheritdoc/>
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, Options));

    /// <inheritdoc/>
    public T Deserialize<T>(BinaryData input) =>
        JsonSerializer.Deserialize<T>(input.ToMemory().Span, Options) ?? throw new JsonException($"The stored {typeof(T).Name} is null.");
}
