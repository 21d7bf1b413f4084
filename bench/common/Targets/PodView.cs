namespace DeployCard.Bench.Common.Targets;

/// <summary>A pod as the card shows it.</summary>
internal sealed record PodView(string Name, string Phase, int Revision, DateTimeOffset CreatedAt, DateTimeOffset? ReadyAt)
{
    public bool IsReady => Phase == "READY";

    public bool HasEnded => Phase == "ENDED";
}
