namespace DeployCard.Grains.Autoscaling;

/// <summary>
/// The most pods that were wanted within the scale-down delay. It remembers only what can still be that: a number that a later one has
/// reached is dropped, so that there are never more entries than pods.
/// </summary>
internal sealed class ScalingHistory
{
    private readonly LinkedList<(DateTimeOffset At, int Pods)> falling = [];

    public void Add(DateTimeOffset at, int pods)
    {
        while (falling.Last is { } last && last.Value.Pods <= pods)
            falling.RemoveLast();
        falling.AddLast((at, pods));
    }

    public int Most(DateTimeOffset since)
    {
        while (falling.First is { } first && first.Value.At < since)
            falling.RemoveFirst();
        return falling.First?.Value.Pods ?? 0;
    }

    public void Clear() => falling.Clear();
}
