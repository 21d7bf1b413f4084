using DeployCard.Contracts.Logs;
using DeployCard.Contracts.Runtimes;

namespace DeployCard.Grains.Tests.Logs;

public sealed class LogTextTests
{
    [Theory]
    [InlineData(LogStream.Stdout, "plain", "plain")]
    [InlineData(LogStream.Stderr, "plain", "err plain")]
    [InlineData(LogStream.System, "plain", "sys plain")]
    [InlineData(LogStream.Stdout, "\u001b[1;31mred\u001b[0m and \u001b[2Kcleared", "red and cleared")]
    [InlineData(LogStream.Stdout, "\u001b]8;;https://x.example\u001b\\link\u001b]8;;\u001b\\ \u001b]0;title\u2407end", "link end")]
    [InlineData(LogStream.Stdout, "[31m is not a colour", "[31m is not a colour")]
    public void Line_shows_time_pod_and_stream_without_escape_sequences(LogStream stream, string text, string shown) =>
        LogText
            .Format([new(1, new(2030, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), new("pod-1"), stream, text)])
            .ShouldBe($"2030-01-02T03:04:05.678Z pod-1 {shown}\n");
}
