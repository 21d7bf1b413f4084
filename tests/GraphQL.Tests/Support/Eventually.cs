using System.Diagnostics;

namespace DeployCard.GraphQL.Tests.Support;

/// <summary>Polls until a condition becomes true.</summary>
internal static class Eventually
{
    public static async Task True(Func<bool> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20), what);
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Waits until a value has not changed for 250 ms.</summary>
    public static async Task Stable(Func<long> value, string what)
    {
        var (last, since) = (value(), Stopwatch.StartNew());
        await True(
            () =>
            {
                if (value() != last)
                    (last, since) = (value(), Stopwatch.StartNew());
                return since.Elapsed > TimeSpan.FromMilliseconds(250);
            },
            what
        );
    }
}
