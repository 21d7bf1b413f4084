using System.ComponentModel.DataAnnotations;
using DeployCard.Contracts.Configuration;
using DeployCard.Domain.Autoscaling;

namespace DeployCard.Grains.Tests.Autoscaling;

/// <summary>State of the autoscaler between decisions.</summary>
public sealed class AutoscalerTests
{
    private static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly DeploymentConfiguration configuration = new() { Pods = new(0, 100), Concurrency = 4 };
    private readonly Autoscaler autoscaler = new(new());

    [Fact]
    public void Backlog_that_waits_for_starting_pods_does_not_scale_up_further()
    {
        Wait(0, 1);
        Decide(0, ready: 0).ShouldBe(1);
        Wait(1, 40);
        Decide(1, ready: 0).ShouldBe(10);
        for (var second = 2; second < 20; second++)
        {
            Wait(second, 40 * second);
            Decide(second, ready: 0).ShouldBe(10);
        }
    }

    [Fact]
    public void Much_larger_backlog_starts_more_pods()
    {
        Wait(0, 1);
        Decide(0, ready: 0).ShouldBe(1);
        Wait(1, 4);
        Decide(1, ready: 0).ShouldBe(1);
        Wait(3, 39);
        Decide(3, ready: 0).ShouldBe(10);
    }

    [Fact]
    public void New_ready_pods_have_a_panic_window_to_serve_the_backlog()
    {
        Wait(0, 20);
        Decide(0, ready: 0).ShouldBe(5);
        Wait(10, 100);
        Decide(10, ready: 5).ShouldBe(5);
        Wait(15, 100);
        Decide(15, ready: 5).ShouldBe(5);
        Wait(16, 100);
        Decide(16, ready: 5).ShouldBe(10);
    }

    [Fact]
    public void Pods_that_never_become_ready_block_scaling_up_for_one_stable_window()
    {
        Wait(0, 20);
        Decide(0, ready: 0).ShouldBe(5);
        for (var second = 5; second < 60; second += 5)
        {
            Wait(second, 40);
            Decide(second, ready: 0).ShouldBe(5);
        }

        Wait(60, 40);
        Decide(60, ready: 0).ShouldBe(10);
    }

    [Fact]
    public void Reset_discards_adopted_pods()
    {
        autoscaler.Adopt(7, Begin);
        autoscaler.CurrentPods.ShouldBe(7);
        autoscaler.Reset();
        Decide(1, ready: 0).ShouldBe(1);
    }

    [Fact]
    public void Panic_window_longer_than_the_stable_window_is_rejected()
    {
        var options = new AutoscalerOptions { PanicWindow = TimeSpan.FromMinutes(2) };
        var errors = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), errors, validateAllProperties: true).ShouldBeFalse();
        errors
            .ShouldHaveSingleItem()
            .ErrorMessage.ShouldBe("Autoscaling:PanicWindow must be at most Autoscaling:StableWindow, 00:01:00; got 00:02:00.");
    }

    private int Decide(double second, int ready) => autoscaler.Decide(configuration, ready, podLimit: 100, Begin.AddSeconds(second)).Pods;

    private void Wait(double second, int waiting) =>
        autoscaler.RecordReport(new("a", Begin.AddSeconds(second), 0, waiting, Begin.AddSeconds(second), []), Begin.AddSeconds(second));
}
