using GraphQL.Types;

namespace DeployCard.GraphQL.Engine.Scalars;

/// <summary>Scalar for integers beyond 32 bits.</summary>
internal sealed class LongScalar : LongGraphType
{
    public LongScalar()
    {
        Name = "Long";
        Description = "A signed 64-bit integer, written as a JSON number.";
    }
}
