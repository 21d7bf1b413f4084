namespace DeployCard.Bench.Common.Targets;

/// <summary>A pod, as the GraphQL API returns it.</summary>
/// <param name="Name">Name of the pod.</param>
/// <param name="Phase">Phase of the pod, for example <c>READY</c>.</param>
/// <param name="Revision">Number of the revision that the pod runs.</param>
/// <param name="CreatedAt">Time when the pod was created.</param>
/// <param name="ReadyAt">Time when the silo first saw the pod ready; null if that has not happened.</param>
internal sealed record PodView(string Name, string Phase, int Revision, DateTimeOffset CreatedAt, DateTimeOffset? ReadyAt)
{
    public bool IsReady => Phase == "READY";

    public bool HasEnded => Phase == "ENDED";
}
