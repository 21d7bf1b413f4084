using GraphQL.Types;

namespace DeployCard.GraphQL.Engine.Schemas;

/// <summary>Maps plain C# types to the engine's graph types.</summary>
internal sealed class TypeMapping : AutoRegisteringGraphTypeMappingProvider
{
    public override Type? GetGraphTypeFromClrType(Type clrType, bool isInputType, Type? preferredType)
    {
        var usual = base.GetGraphTypeFromClrType(clrType, isInputType, preferredType);
        if (isInputType || preferredType is not null || usual is null)
            return usual;
        return (SchemaInterfaces.IsSchemaInterface(clrType) ? typeof(InterfaceOutputType<>) : typeof(OutputType<>)).MakeGenericType(
            clrType
        );
    }
}
