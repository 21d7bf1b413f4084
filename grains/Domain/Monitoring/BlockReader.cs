using System.Text;

namespace DeployCard.Domain.Monitoring;

/// <summary>
/// Reads the output of a <see cref="BinaryWriter"/> from memory. Three days of minutes hold millions of numbers, and
/// <see cref="BinaryReader"/> would call its stream for every byte. Truncated input throws <see cref="IndexOutOfRangeException"/> or
/// <see cref="ArgumentOutOfRangeException"/>.
/// </summary>
internal ref struct BlockReader(ReadOnlyMemory<byte> memory)
{
    private readonly ReadOnlySpan<byte> bytes = memory.Span;
    private int position;

    public byte ReadByte() => bytes[position++];

    /// <summary>Reads a 7-bit encoded integer.</summary>
    public long ReadNumber()
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[position++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }

    /// <summary>Returns the next bytes as a slice of the block, without copying them.</summary>
    public ReadOnlyMemory<byte> ReadBytes(int length)
    {
        var read = memory.Slice(position, length);
        position += length;
        return read;
    }

    public string ReadString() => Encoding.UTF8.GetString(ReadBytes((int)ReadNumber()).Span);
}
