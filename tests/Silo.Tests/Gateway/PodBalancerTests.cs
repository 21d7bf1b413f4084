using DeployCard.Gateway;

namespace DeployCard.Silo.Tests.Gateway;

public sealed class PodBalancerTests
{
    private static PodDestination[] Pods(int count) =>
        [.. Enumerable.Range(0, count).Select(n => new PodDestination(Routes.Pod($"pod-{n}")))];

    [Fact]
    public void Empty_list_of_pods_yields_no_pod() => PodBalancer.TryAcquire([], 0).ShouldBeNull();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(10, 5)]
    public void All_slots_are_found_and_none_beyond_the_limit(int count, int limit)
    {
        var pods = Pods(count);

        for (var n = 0; n < count * limit; n++)
            PodBalancer.TryAcquire(pods, limit).ShouldNotBeNull();

        PodBalancer.TryAcquire(pods, limit).ShouldBeNull();
        pods.ShouldAllBe(pod => pod.InFlight == limit);
    }

    [Fact]
    public void Released_slot_can_be_acquired_again()
    {
        var pods = Pods(3);
        while (PodBalancer.TryAcquire(pods, 1) is not null) { }

        pods[1].Release();

        PodBalancer.TryAcquire(pods, 1).ShouldBeSameAs(pods[1]);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Requests_are_spread_almost_evenly(int count)
    {
        var pods = Pods(count);

        for (var n = 0; n < 1000 * count; n++)
            PodBalancer.TryAcquire(pods, 0);

        // With one random pod per request, the difference would be about 100. With the better of two random pods, the difference is less
        // than ten.
        (pods.Max(pod => pod.InFlight) - pods.Min(pod => pod.InFlight)).ShouldBeLessThan(40);
    }

    [Fact]
    public void Requests_that_end_immediately_are_spread_too()
    {
        var pods = Pods(4);
        var taken = new Dictionary<PodDestination, int>();

        for (var n = 0; n < 4000; n++)
        {
            var pod = PodBalancer.TryAcquire(pods, 1)!;
            taken[pod] = taken.GetValueOrDefault(pod) + 1;
            pod.Release();
        }

        taken.Count.ShouldBe(4);
        taken.Values.ShouldAllBe(count => count > 700);
    }
}
