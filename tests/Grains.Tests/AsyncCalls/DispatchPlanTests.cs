using DeployCard.Contracts.AsyncCalls;
using DeployCard.Contracts.Names;
using DeployCard.Contracts.Routing;
using DeployCard.Domain.AsyncCalls;

namespace DeployCard.Grains.Tests.AsyncCalls;

public sealed class DispatchPlanTests
{
    private static readonly AsyncCallOptions Options = new() { MaxConcurrency = 50, DefaultConcurrencyPerPod = 16 };

    /// <summary>Returns a route of a deployment with ready pods.</summary>
    internal static Route Route(int pods = 1, int concurrency = 2, RouteState state = RouteState.Serving) =>
        new()
        {
            Deployment = DeploymentName.Parse("iris"),
            Version = 1,
            State = state,
            Pods = [.. Enumerable.Range(0, pods).Select(i => new RoutePod(new($"pod-{i}"), new("http://127.0.0.1:9000"), 1))],
            Configuration = new() { Concurrency = concurrency },
        };

    [Fact]
    public void As_many_calls_run_as_the_ready_pods_can_process_plus_those_of_one_more_pod()
    {
        DispatchPlan.For(Route(pods: 3), Options).ShouldBe(new(6, 8));
        DispatchPlan.For(Route(pods: 0), Options).ShouldBe(new(0, 2));
    }

    [Fact]
    public void Deployment_without_a_limit_gets_the_default_concurrency_per_pod() =>
        DispatchPlan.For(Route(pods: 1, concurrency: 0), Options).ShouldBe(new(16, 32));

    [Fact]
    public void Setting_limits_the_calls_of_many_pods() => DispatchPlan.For(Route(pods: 40), Options).ShouldBe(new(50, 50));

    [Fact]
    public void Calls_of_a_deleted_deployment_need_no_pod() =>
        DispatchPlan.For(Route(pods: 0, state: RouteState.Deleted), Options).MaxRunning.ShouldBe(50);

    [Theory]
    [InlineData(4, 4, false)]
    [InlineData(4, 5, true)]
    [InlineData(8, 9, true)]
    [InlineData(9, 10, false)]
    public void Only_surplus_calls_of_few_slots_start_in_order(int slots, int dispatched, bool inOrder) =>
        new DispatchPlan(slots, 100).MustStartInOrder(dispatched).ShouldBe(inOrder);
}
