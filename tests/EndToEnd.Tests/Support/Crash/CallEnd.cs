using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>A call's final state, as <c>GET /calls/{id}</c> tells it.</summary>
internal sealed record CallEnd(string Status, string? ErrorCode, string EndedAt, int Attempts)
{
    public static CallEnd? Of(JsonNode call) =>
        (string)call["status"]! is not "QUEUED" and var status
            ? new(status, (string?)call["errorCode"], (string)call["endedAt"]!, call["attempts"]!.AsArray().Count)
            : null;
}
