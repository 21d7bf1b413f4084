using DeployCard.Contracts.Monitoring;
using DeployCard.Domain.Monitoring;

namespace DeployCard.Grains.Tests.Monitoring;

/// <summary>Repeated, late and reordered reports count once.</summary>
public sealed class MinuteAggregatorTests
{
    private const long Now = 30_000_000;
    private readonly MinuteAggregator aggregator = new();

    [Fact]
    public void Parts_of_several_sources_are_added_and_a_newer_part_replaces_the_older()
    {
        aggregator.Apply(Minutes.Part("a", 1, Now, (TrafficCounter.Succeeded, 3)), Now).ShouldBeTrue();
        aggregator.Apply(Minutes.Part("b", 1, Now, (TrafficCounter.Succeeded, 10)), Now).ShouldBeTrue();
        aggregator.Apply(Minutes.Part("a", 2, Now, (TrafficCounter.Succeeded, 5)), Now).ShouldBeTrue();

        Succeeded(Now).ShouldBe(15);
    }

    [Fact]
    public void Older_or_repeated_part_changes_nothing()
    {
        aggregator.Apply(Minutes.Part("a", 2, Now, (TrafficCounter.Succeeded, 5)), Now);

        aggregator.Apply(Minutes.Part("a", 1, Now, (TrafficCounter.Succeeded, 3)), Now).ShouldBeFalse();
        aggregator.Apply(Minutes.Part("a", 2, Now, (TrafficCounter.Succeeded, 5)), Now).ShouldBeFalse();

        Succeeded(Now).ShouldBe(5);
    }

    [Fact]
    public void Late_part_or_part_from_the_future_is_ignored_but_acknowledged()
    {
        aggregator.Apply(Minutes.Part("a", 1, Now - MinutePart.OpenMinutes - 1, (TrafficCounter.Succeeded, 3)), Now).ShouldBeFalse();
        aggregator.Apply(Minutes.Part("a", 2, Now + 2, (TrafficCounter.Succeeded, 3)), Now).ShouldBeFalse();
        aggregator.Apply(Minutes.Part("a", 3, Now - MinutePart.OpenMinutes, (TrafficCounter.Succeeded, 3)), Now).ShouldBeTrue();

        aggregator.GetReceipt("a").ReceivedVersion.ShouldBe(3);
    }

    [Fact]
    public void Receipt_confirms_a_version_as_stored_only_after_it_is_stored()
    {
        aggregator.Apply(Minutes.Part("a", 7, Now), Now);
        aggregator.GetReceipt("a").ShouldBe(new(7, 0));

        aggregator.MarkStored(aggregator.GetBlocksToWrite(Now));

        aggregator.GetReceipt("a").ShouldBe(new(7, 7));
        aggregator.GetReceipt("b").ShouldBe(new(0, 0));
        aggregator.GetBlocksToWrite(Now).ShouldBeEmpty();
    }

    [Fact]
    public void Expired_block_is_not_written()
    {
        aggregator.Apply(Minutes.Part("a", 7, Now, (TrafficCounter.Succeeded, 5)), Now);
        var later = Now + (3 * 24 * 60) + MinuteAggregator.BlockMinutes;

        aggregator.DropBefore(later - (3 * 24 * 60));

        aggregator.GetBlocksToWrite(later).ShouldBeEmpty();
        aggregator.TryFind(Now, out _).ShouldBeFalse();
    }

    [Fact]
    public void Restored_aggregator_knows_the_versions_of_each_source()
    {
        aggregator.Apply(Minutes.Part("a", 7, Now, (TrafficCounter.Succeeded, 5)), Now);
        aggregator.Apply(Minutes.Part("b", 2, Now, (TrafficCounter.Failed, 1)), Now);
        var stored = aggregator
            .GetBlocksToWrite(Now)
            .Select(block => new MonitorBlock(block.FirstMinute, BlockFormat.Write(block.FirstMinute, block.Parts)))
            .ToList();
        var next = new MinuteAggregator();

        next.Restore(stored.SelectMany(BlockFormat.Read));

        next.GetReceipt("a").ShouldBe(new(7, 7));
        next.Apply(Minutes.Part("a", 7, Now, (TrafficCounter.Succeeded, 5)), Now).ShouldBeFalse();
        next.TryFind(Now, out var bucket).ShouldBeTrue();
        (bucket!.Counters[(int)TrafficCounter.Succeeded], bucket.Counters[(int)TrafficCounter.Failed]).ShouldBe((5, 1));
    }

    [Fact]
    public void Block_too_old_for_further_parts_is_closed_and_merged()
    {
        aggregator.Apply(Minutes.Part("a", 1, Now, (TrafficCounter.Succeeded, 5), (TrafficCounter.AsyncBacklog, 9)), Now);
        aggregator.Apply(Minutes.Part("b", 1, Now, (TrafficCounter.Succeeded, 6), (TrafficCounter.AsyncBacklog, 4)), Now);
        aggregator.MarkStored(aggregator.GetBlocksToWrite(Now));
        var later = Now + MinuteAggregator.BlockMinutes + MinutePart.OpenMinutes;

        var closed = aggregator.GetBlocksToWrite(later).ShouldHaveSingleItem();
        aggregator.MarkStored([closed]);

        closed.IsClosed.ShouldBeTrue();
        var part = closed.Parts.ShouldHaveSingleItem();
        part.Source.ShouldBeEmpty();
        part.Bucket.Counters[(int)TrafficCounter.Succeeded].ShouldBe(11);
        part.Bucket.Counters[(int)TrafficCounter.AsyncBacklog].ShouldBe(9);
        Succeeded(Now).ShouldBe(11);
        aggregator.GetBlocksToWrite(later).ShouldBeEmpty();
        aggregator.Apply(Minutes.Part("c", 1, Now, (TrafficCounter.Succeeded, 5)), later).ShouldBeFalse();
        aggregator.EvictClosed(Now + MinuteAggregator.RecentMinutes);
        aggregator.TryFind(Now, out _).ShouldBeTrue();
        aggregator.EvictClosed(Now + MinuteAggregator.RecentMinutes + MinuteAggregator.BlockMinutes);
        aggregator.TryFind(Now, out _).ShouldBeFalse();
    }

    [Fact]
    public void Stored_block_is_read_as_it_was_written()
    {
        var bucket = Minutes
            .Bucket(Now, (TrafficCounter.BytesOut, long.MaxValue), (TrafficCounter.Queued, 1))
            .Pods(Minutes.Pod("iris-1-abcde", memory: 1L << 40), Minutes.Pod("iris-1-fghij", isReady: false, samples: 0)) with
        {
            Latency = LatencyTests.Histogram([1, 1000, 1_000_000]),
            AsyncLatency = LatencyTests.Histogram([77]),
            ColdStart = LatencyTests.Histogram([5_000_000]),
        };
        MinutePart[] parts = [new("127.0.0.1:1@5", 9, bucket), new("", 0, Minutes.Bucket(Now + 1))];

        var read = BlockFormat.Read(new(Now - 3, BlockFormat.Write(Now - 3, parts)));

        read.Select(part => (part.Source, part.Version, part.Bucket.Minute)).ShouldBe([("127.0.0.1:1@5", 9, Now), ("", 0, Now + 1)]);
        read[0].Bucket.Counters.ShouldBe(bucket.Counters);
        read[0].Bucket.Latency.Bytes.ToArray().ShouldBe(bucket.Latency.Bytes.ToArray());
        read[0].Bucket.AsyncLatency.Bytes.ToArray().ShouldBe(bucket.AsyncLatency.Bytes.ToArray());
        read[0].Bucket.ColdStart!.Bytes.ToArray().ShouldBe(bucket.ColdStart.Bytes.ToArray());
        read[0].Bucket.Latency.Percentiles.ShouldBe(bucket.Latency.Percentiles);
        read[0].Bucket.ColdStart!.Percentiles.ShouldBe(bucket.ColdStart.Percentiles);
        read[0].Bucket.Pods.ShouldBe(bucket.Pods);
        read[1].Bucket.Latency.ShouldBeSameAs(LatencyHistogram.Empty);
    }

    [Fact]
    public void Block_of_the_first_format_is_read_without_cold_starts()
    {
        // One minute of an empty source with version 0, one counter of 5, a latency of two requests of 8 µs and no pods.
        var read = BlockFormat.Read(new(Now, [1, 1, 0, 0, 1, 0, 0, 0, 1, 5, 2, 9, 2, 0, 0])).ShouldHaveSingleItem();

        (read.Bucket.Minute, read.Bucket.ColdStart).ShouldBe((Now, null));
        read.Bucket.Counters.ShouldBe([5]);
        read.Bucket.Latency.Percentiles!.Count.ShouldBe(2);
        read.Bucket.Latency.Percentiles.P99.ShouldBe(TimeSpan.FromMicroseconds(8));
    }

    [Fact]
    public void Block_of_a_newer_format_is_rejected_with_its_version() =>
        Should.Throw<NotSupportedException>(() => BlockFormat.Read(new(0, [3, 0, 0, 0]))).Message.ShouldContain("format 3");

    private long Succeeded(long minute) =>
        aggregator.TryFind(minute, out var bucket) ? bucket!.Counters[(int)TrafficCounter.Succeeded] : -1;
}
