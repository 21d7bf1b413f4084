using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Storage;

namespace DeployCard.Grains.Storage;

/// <summary>
/// Writes grain state as JSON (UTF-8), in the form that the index scripts read: see README.md beside this file before changing it.
/// </summary>
internal sealed class JsonStateSerializer : IGrainStorageSerializer
{
    internal static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // It goes into a database column, never into a page: escaping would only make letters beyond ASCII six times as long.
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
