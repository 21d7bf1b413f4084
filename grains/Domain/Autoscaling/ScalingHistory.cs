namespace DeployCard.Domain.Autoscaling;

/// <summary>
/// Maximum number of pods that was wanted within the scale-down delay. An entry is dropped as soon as a later entry is at least as high, so
/// there are never more entries than distinct numbers of pods.
/// </summary>
internal sealed class ScalingHistory
{
    private readonly LinkedList<(DateTimeOffset At, int Pods)> entries = [];

    public void Add(DateTimeOffset at, int pods)
    {
        while (entries.Last is { } last && last.Value.Pods <= pods)
            entries.RemoveLast();
        entries.AddLast((at, pods));
    }

    public int GetMax(DateTimeOffset since)
    {
        while (entries.First is { } first && first.Value.At < since)
            entries.RemoveFirst();
        return entries.First?.Value.Pods ?? 0;
    }

    public void Clear() => entries.Clear();
}
