using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DeployCard.Grains.AsyncCalls;
using DeployCard.Grains.Callbacks;
using DeployCard.Silo.Gateway;

namespace DeployCard.Silo.Callbacks;

/// <summary>
/// What a receiver gets: <c>{"type", "timestamp", "data"}</c>, where <c>data</c> is the call as <c>GET /calls/{id}</c> tells it. It is the same at
/// every delivery of one end.
/// </summary>
internal static class CallbackPayload
{
    /// <summary>Up to here a model's answer goes along.</summary>
    private const int MostResultBytes = 16 * 1024;

    public static async Task<byte[]> Of(CallbackMessage message, Uri publicUrl, CancellationToken cancellationToken)
    {
        var call = message.Call;
        // How the telling goes would differ from one delivery to the next.
        var data = (JsonObject)
            JsonSerializer.SerializeToNode(CallAnswer.Of(call with { Callback = null }, waiting: null), CallJson.Default.CallAnswer)!;
        if (call.Status is CallStatus.Completed)
            data["resultUrl"] = new Uri(publicUrl, $"/calls/{call.Id}/result.json").AbsoluteUri;
        if (message.Result is { Body: null or { Inline.Length: <= MostResultBytes } } result)
            data["result"] = await Document(call.Id, result, cancellationToken);
        var payload = new JsonObject
        {
            ["type"] = call.Status is CallStatus.Completed ? "call.completed" : "call.failed",
            ["timestamp"] = call.EndedAt,
            ["data"] = data,
        };
        return Encoding.UTF8.GetBytes(payload.ToJsonString());
    }

    private static async Task<JsonNode?> Document(CallId id, CallResult result, CancellationToken cancellationToken)
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
