using System.Text.Json.Nodes;

namespace DeployCard.EndToEnd.Tests.Support.Crash;

/// <summary>The final state of a call, as <c>GET /calls/{id}</c> shows it.</summary>
internal sealed record FinalCallState(string Status, string? ErrorCode, string EndedAt, int Attempts)
{
    public static FinalCallState? From(JsonNode call) =>
        (string)call["status"]! is not "QUEUED" and var status
            ? new(status, (string?)call["errorCode"], (string)call["endedAt"]!, call["attempts"]!.AsArray().Count)
            : null;
}
