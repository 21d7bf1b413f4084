using DeployCard.Contracts.Monitoring;
using DeployCard.Contracts.Names;

namespace DeployCard.Domain.Monitoring;

/// <summary>
/// The binary format of stored minutes. The first byte is the format version. Then follow the names of sources and of pods, each name once,
/// and then the parts. Integers are 7-bit encoded, so that small numbers take one byte.
/// </summary>
internal static class BlockFormat
{
    private const byte Version = 2;

    /// <summary>The first format version: it has no cold-start histogram and no precomputed percentiles.</summary>
    private const byte First = 1;

    public static byte[] Write(long firstMinute, IReadOnlyCollection<MinutePart> parts)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Version);
        var sources = WriteNames(writer, parts.Select(part => part.Source));
        var pods = WriteNames(writer, parts.SelectMany(part => part.Bucket.Pods).Select(pod => pod.Pod.Value));
        writer.Write7BitEncodedInt(parts.Count);
        foreach (var part in parts)
        {
            writer.Write7BitEncodedInt64(part.Bucket.Minute - firstMinute);
            writer.Write7BitEncodedInt(sources[part.Source]);
            writer.Write7BitEncodedInt64(part.Version);
            Write(writer, part.Bucket, pods);
        }

        return bytes.ToArray();
    }

    /// <exception cref="NotSupportedException">The block has a format version that this version of DeployCard does not know.</exception>
    public static IReadOnlyList<MinutePart> Read(MonitorBlock block)
    {
        var reader = new BlockReader(block.Payload);
        var version = reader.ReadByte();
        if (version is not (First or Version))
            throw new NotSupportedException(
                $"A monitoring block has format {version}; this version of DeployCard reads formats {First} to {Version}."
            );
        var (sources, pods) = (ReadNames(ref reader), ReadNames(ref reader));
        var parts = new MinutePart[(int)reader.ReadNumber()];
        for (var i = 0; i < parts.Length; i++)
        {
            var minute = block.FirstMinute + reader.ReadNumber();
            parts[i] = new(sources[(int)reader.ReadNumber()], reader.ReadNumber(), Read(ref reader, version, minute, pods));
        }

        return parts;
    }

    private static Dictionary<string, int> WriteNames(BinaryWriter writer, IEnumerable<string> names)
    {
        var numbers = names.Distinct().Index().ToDictionary(name => name.Item, name => name.Index);
        writer.Write7BitEncodedInt(numbers.Count);
        foreach (var name in numbers.Keys)
            writer.Write(name);
        return numbers;
    }

    private static string[] ReadNames(ref BlockReader reader)
    {
        var names = new string[(int)reader.ReadNumber()];
        for (var i = 0; i < names.Length; i++)
            names[i] = reader.ReadString();
        return names;
    }

    private static void Write(BinaryWriter writer, MinuteBucket bucket, Dictionary<string, int> pods)
    {
        writer.Write7BitEncodedInt(bucket.Counters.Length);
        foreach (var counter in bucket.Counters)
            writer.Write7BitEncodedInt64(counter);
        Write(writer, bucket.Latency);
        Write(writer, bucket.AsyncLatency);
        Write(writer, bucket.ColdStart ?? LatencyHistogram.Empty);
        writer.Write7BitEncodedInt(bucket.Pods.Count);
        foreach (var pod in bucket.Pods)
        {
            writer.Write7BitEncodedInt(pods[pod.Pod.Value]);
            writer.Write(pod.IsReady);
            foreach (var number in new[] { pod.Samples, pod.MilliCores, pod.MaxMilliCores, pod.MaxMemoryBytes })
                writer.Write7BitEncodedInt64(number);
        }
    }

    private static void Write(BinaryWriter writer, LatencyHistogram histogram)
    {
        writer.Write7BitEncodedInt(histogram.Bytes.Length);
        if (histogram.Percentiles is not { } percentiles)
            return;
        // Stored percentiles spare a query with a step of one minute from decoding the bins of several days.
        writer.Write7BitEncodedInt64(percentiles.Count);
        foreach (var time in new[] { percentiles.P50, percentiles.P90, percentiles.P95, percentiles.P99, percentiles.Max })
            writer.Write7BitEncodedInt(LatencyBins.IndexOf((long)time.TotalMicroseconds));
        writer.Write(histogram.Bytes.Span);
    }

    private static MinuteBucket Read(ref BlockReader reader, byte version, long minute, string[] names)
    {
        var counters = new long[(int)reader.ReadNumber()];
        for (var i = 0; i < counters.Length; i++)
            counters[i] = reader.ReadNumber();
        var (latency, asyncLatency) = (ReadHistogram(ref reader, version), ReadHistogram(ref reader, version));
        var coldStart = version > First ? ReadHistogram(ref reader, version) : null;
        var pods = new PodMinute[(int)reader.ReadNumber()];
        for (var i = 0; i < pods.Length; i++)
        {
            pods[i] = new(
                new PodName(names[(int)reader.ReadNumber()]),
                reader.ReadByte() > 0,
                reader.ReadNumber(),
                reader.ReadNumber(),
                reader.ReadNumber(),
                reader.ReadNumber()
            );
        }

        return new(minute, counters, latency, asyncLatency, pods) { ColdStart = coldStart };
    }

    private static LatencyHistogram ReadHistogram(ref BlockReader reader, byte version)
    {
        if ((int)reader.ReadNumber() is var length && length == 0)
            return LatencyHistogram.Empty;
        if (version == First)
            return new(reader.ReadBytes(length));
        var percentiles = new LatencyPercentiles(
            reader.ReadNumber(),
            ReadTime(ref reader),
            ReadTime(ref reader),
            ReadTime(ref reader),
            ReadTime(ref reader),
            ReadTime(ref reader)
        );
        return LatencyHistogram.FromBytes(reader.ReadBytes(length), percentiles);
    }

    private static TimeSpan ReadTime(ref BlockReader reader) =>
        LatencyBins.MidpointOf((int)Math.Min(reader.ReadNumber(), LatencyBins.Count - 1));
}
