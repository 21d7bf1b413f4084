using GraphQL.Types;

namespace DeployCard.GraphQL.Engine.Scalars;

/// <summary>A large whole number.</summary>
internal sealed class LongScalar : LongGraphType
{
    public LongScalar()
    {
        Name = "Long";
        Description = "A whole number of 64 bits, written as a JSON number.";
    }
}
