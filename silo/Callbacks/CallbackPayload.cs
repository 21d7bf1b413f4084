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

    public static byte[] Of(CallbackMessage message, Uri publicUrl)
    {
        var call = message.Call;
        // How the telling goes would differ from one delivery to the next.
        var data = (JsonObject)JsonSerializer.SerializeToNode(CallAnswer.Of(call with { Callback = null }), CallJson.Default.CallAnswer)!;
        if (call.Status is CallStatus.Completed)
            data["resultUrl"] = new Uri(publicUrl, $"/calls/{call.Id}/result.json").AbsoluteUri;
        if (message.Result is { Body: null or { Inline.Length: <= MostResultBytes } } result)
            data["result"] = JsonSerializer.SerializeToNode(ResultDocument.Of(call.Id, result, result.Body?.Inline), CallJson.Default.ResultDocument);
        var payload = new JsonObject
        {
            ["type"] = call.Status is CallStatus.Completed ? "call.completed" : "call.failed",
            ["timestamp"] = call.EndedAt,
            ["data"] = data,
        };
        return Encoding.UTF8.GetBytes(payload.ToJsonString());
    }
}
