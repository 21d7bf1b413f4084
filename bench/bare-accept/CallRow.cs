using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DeployCard.Bench.BareAccept;

/// <summary>
/// The JSON that the peer stores for an accepted call, with the same properties as the silo's. The parameter names determine the property
/// names.
/// </summary>
internal sealed record CallRow(
    string Id,
    string Deployment,
    Guid DeploymentUid,
    string Status,
    string CreatedAt,
    RequestRow Request,
    LimitsRow Limits,
    object[] Attempts,
    int SeriesStart
)
{
    private static readonly Guid Uid = Guid.NewGuid();
    private static readonly LimitsRow Limit = new("PT2M", "PT5M", "P3D");

    /// <summary>Serializes the row of a request.</summary>
    public static byte[] Serialize(Guid id, DateTimeOffset now, HttpContext context, byte[] body)
    {
        var request = context.Request;
        var headers = request
            .Headers.Where(h => h.Key is not ("Host" or "Content-Length" or "X-API-Key" or "X-Async-Request"))
            .Select(h => new HeaderRow(h.Key, h.Value.ToString()))
            .Append(new("X-Forwarded-For", $"{context.Connection.RemoteIpAddress}"))
            .Append(new("X-Forwarded-Host", $"{request.Host}"))
            .Append(new("X-Forwarded-Proto", request.Scheme))
            .Append(new("X-Forwarded-Prefix", "/predict/bare"));
        var row = new CallRow(
            id.ToString("N"),
            "bare",
            Uid,
            "QUEUED",
            now.UtcDateTime.ToString("O"),
            new(request.Method, request.Path + request.QueryString, [.. headers], new(body.Length, body)),
            Limit,
            [],
            0
        );
        return JsonSerializer.SerializeToUtf8Bytes(row, RowJson.Relaxed.CallRow);
    }
}

/// <summary>Request of the call.</summary>
internal sealed record RequestRow(string Method, string Path, IReadOnlyList<HeaderRow> Headers, BodyRow Body);

/// <summary>Header of the request.</summary>
internal sealed record HeaderRow(string Name, string Value);

/// <summary>Body of the request, stored in the row.</summary>
internal sealed record BodyRow(long Length, byte[] Inline);

/// <summary>Timeouts and retention of the call, as ISO 8601 durations.</summary>
internal sealed record LimitsRow(string Health, string Request, string Retention);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CallRow))]
internal sealed partial class RowJson : JsonSerializerContext
{
    public static RowJson Relaxed { get; } =
        new(new JsonSerializerOptions(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
