using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DeployCard.Client.Http;
using DeployCard.Contracts.AsyncCalls;

namespace DeployCard.Callbacks;

/// <summary>
/// Creates the request body of a callback: <c>{"type", "timestamp", "data"}</c>, with the response of <c>GET /calls/{id}</c> as
/// <c>data</c>. The body is the same for all deliveries of one end of a call.
/// </summary>
internal static class CallbackPayload
{
    /// <summary>Maximum size in bytes of a result that is included in the callback.</summary>
    private const int MaxResultBytes = 16 * 1024;

    public static async Task<byte[]> Create(CallbackMessage message, Uri publicUrl, CancellationToken cancellationToken)
    {
        var call = message.Call;
        // The callback state is omitted, because it differs between deliveries.
        var data = (JsonObject)
            JsonSerializer.SerializeToNode(CallResponse.From(call with { Callback = null }, waiting: null), CallJson.Default.CallResponse)!;
        if (call.Status is CallStatus.Completed)
            data["resultUrl"] = new Uri(publicUrl, $"/calls/{call.Id}/result.json").AbsoluteUri;
        if (message.Result is { Body: null or { Inline.Length: <= MaxResultBytes } } result)
            data["result"] = await CreateResultDocument(call.Id, result, cancellationToken);
        var payload = new JsonObject
        {
            ["type"] = call.Status is CallStatus.Completed ? "call.completed" : "call.failed",
            ["timestamp"] = call.EndedAt,
            ["data"] = data,
        };
        return Encoding.UTF8.GetBytes(payload.ToJsonString());
    }

    private static async Task<JsonNode?> CreateResultDocument(CallId id, CallResult result, CancellationToken cancellationToken)
    {
        using var document = new MemoryStream();
        using var body = new MemoryStream(result.Body?.Inline ?? []);
        var output = PipeWriter.Create(document, new StreamPipeWriterOptions(leaveOpen: true));
        await ResultDocument.Write(output, id, result, body, cancellationToken);
        await output.CompleteAsync();
        document.Position = 0;
        return JsonNode.Parse(document);
    }
}
