using System.ComponentModel.DataAnnotations;
using DeployCard.Grains.Autoscaling;
using DeployCard.Grains.Deployments;

namespace DeployCard.Grains.Tests.Autoscaling;

/// <summary>What an autoscaler remembers between decisions.</summary>
public sealed class AutoscalerTests
{
    private static readonly DateTimeOffset Begin = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly DeploymentConfiguration configuration = new() { Pods = new(0, 100), Concurrency = 4 };
    private readonly Autoscaler autoscaler = new(new());

    [Fact]
    public void A_crowd_that_waits_for_pods_to_start_calls_for_no_more_of_them()
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
    public void Another_crowd_calls_for_its_own()
    {
        Wait(0, 1);
        Decide(0, ready: 0).ShouldBe(1);
        Wait(1, 4);
        Decide(1, ready: 0).ShouldBe(1);
        Wait(3, 39);
        Decide(3, ready: 0).ShouldBe(10);
    }

    [Fact]
    public void Pods_that_have_become_ready_have_a_panic_window_to_serve_those_who_wait()
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
    public void Pods_that_never_become_ready_hold_nobody_up_for_ever()
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
    public void After_a_rest_everything_begins_anew()
    {
        autoscaler.Adopt(7, Begin);
        autoscaler.Present.ShouldBe(7);
        autoscaler.Rest();
        Decide(1, ready: 0).ShouldBe(1);
    }

    [Fact]
    public void A_panic_window_that_is_longer_than_the_stable_one_is_refused()
    {
        var options = new AutoscalerOptions { PanicWindow = TimeSpan.FromMinutes(2) };
        var errors = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), errors, validateAllProperties: true).ShouldBeFalse();
        errors
            .ShouldHaveSingleItem()
            .ErrorMessage.ShouldBe("The panic window (00:02:00) must not be longer than the stable window (00:01:00).");
    }

    private int Decide(double second, int ready) => autoscaler.Decide(configuration, ready, cap: 100, Begin.AddSeconds(second)).Pods;

    private void Wait(double second, int waiting) =>
        autoscaler.Take(new("a", Begin.AddSeconds(second), 0, waiting, Begin.AddSeconds(second), []), Begin.AddSeconds(second));
}
